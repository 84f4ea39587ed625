import { describe, test } from "node:test";
import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { obliging, saying } from "../support/handlers.ts";
import { Connection } from "../support/http.ts";
import { form, launch, serve } from "../support/hurricane.ts";
import { type Attempt, Receiver } from "../support/receiver.ts";

const checked = `
import { existsSync } from "node:fs";
const fail = (file: string) => () => {
  if (existsSync(file)) throw new Error("found " + file, { cause: new Error("the cause") });
};
export const checks = { readiness: { r: fail("unready") }, liveness: { l: fail("unalive") } };
export default { fetch: () => new Response("hello") };
`;

function headersOf({ headers }: Attempt): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

describe(`webhooks (${form})`, () => {
  test("tell each change of each probe, and nothing but changes", async () => {
    await using receiver = await Receiver.open();
    await using hurricane = await serve(checked, { args: ["--webhook-url", receiver.url()] });
    const twice = async (path: string, status: number) => {
      for (const _ of [1, 2]) assertEquals((await hurricane.probe(path)).status, status);
    };
    await twice("/startup", 200);
    await twice("/ready", 200);
    await twice("/alive", 200);
    writeFileSync(join(hurricane.dir, "unready"), "");
    await twice("/ready", 500);
    writeFileSync(join(hurricane.dir, "unalive"), "");
    await twice("/alive", 500);
    rmSync(join(hurricane.dir, "unready"));
    await twice("/ready", 200);
    rmSync(join(hurricane.dir, "unalive"));
    await twice("/alive", 200);
    const expected = [
      "startup succeeded",
      "readiness succeeded",
      "liveness succeeded",
      "readiness failed",
      "liveness failed",
      "readiness succeeded",
      "liveness succeeded",
    ];
    assertEquals(await receiver.states(expected.length), expected);
    assertEquals(await hurricane.stop(), 0);
    assertEquals(receiver.attempts.items.length, expected.length);
    for (const { method, headers, payload } of receiver.attempts.items) {
      assertEquals(method, "POST");
      assertMatch(headers["content-type"] ?? "", /^application\/json/);
      assertMatch(String(headers["webhook-id"]), /./);
      assertMatch(payload["timestamp"] ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assertEquals(payload["hostname"], hostname());
      assertMatch(payload["version"] ?? "", /^\d+\.\d+\.\d+/);
      assertEquals("error_trace" in payload, payload["status"] === "failed");
    }
    const trace = (await receiver.delivery("readiness", "failed")).payload["error_trace"] ?? "";
    assertMatch(trace, /found unready[^]*handler\.ts[^]*the cause/);
  });

  test("tell the queue's length and limit", async () => {
    await using receiver = await Receiver.open();
    await using hurricane = await serve(obliging, {
      args: ["--webhook-url", receiver.url(), "--req-queue-len", "0"],
    });
    using client = await Connection.open(hurricane.url());
    client.send("/held");
    await hurricane.printed("holding");
    await hurricane.probeUntil("/ready", 400);
    const { payload } = await receiver.delivery("readiness", "failed");
    assertMatch(payload["error_trace"] ?? "", /request queue length 1 exceeds 0/);
    writeFileSync(join(hurricane.dir, "release"), "");
    await client.answer();
  });

  test("say nothing of probes answered while starting or draining", async () => {
    await using receiver = await Receiver.open();
    await using hurricane = launch(saying("hello"), {
      args: ["--webhook-url", receiver.url(), "--shutdown-delay", "500ms"].concat(
        ["--command", `sh -c 'until [ -e go ]; do sleep 0.05; done'`],
      ),
    });
    await hurricane.probing();
    for (const path of ["/startup", "/ready", "/alive"]) await hurricane.probe(path);
    writeFileSync(join(hurricane.dir, "go"), "");
    await hurricane.serving();
    await receiver.states(1);
    hurricane.signal("SIGTERM");
    const gone = hurricane.exited.then(() => true);
    while (!await Promise.race([gone, hurricane.probe("/ready").then(() => false, () => false)]));
    assertEquals(await receiver.states(1), ["startup succeeded"]);
    assertFalse(
      receiver.attempts.items.some(({ payload }) => payload["status"] === "failed"),
      JSON.stringify(receiver.attempts.items.map(({ payload }) => payload)),
    );
  });

  test("are retried in order with the same id, signed, each URL on its own", async () => {
    const secret = `whsec_${btoa("a secret of thirty-two bytes ...")}`;
    await using flaky = await Receiver.open("reset", 429, 500);
    await using steady = await Receiver.open();
    const urls = [flaky, steady].flatMap((receiver) => ["--webhook-url", receiver.url()]);
    await using hurricane = await serve(checked, {
      args: urls,
      env: { HURRICANE_WEBHOOK_SECRET: secret },
    });
    await hurricane.probe("/ready");
    assertEquals(await steady.states(2), ["startup succeeded", "readiness succeeded"]);
    assertEquals(await flaky.states(5), [
      ...Array(4).fill("startup succeeded"),
      "readiness succeeded",
    ]);
    const [first, ...rest] = flaky.attempts.items as [Attempt, ...Attempt[]];
    assertEquals(new Set(rest.slice(0, 3).map((attempt) => attempt.body)), new Set([first.body]));
    for (const attempt of [...flaky.attempts.items, ...steady.attempts.items]) {
      new Webhook(secret).verify(attempt.body, headersOf(attempt));
      assertThrows(() => new Webhook(secret).verify(`${attempt.body} `, headersOf(attempt)));
    }
    const ids = flaky.attempts.items.map(({ headers }) => headers["webhook-id"]);
    assertEquals(new Set(ids.slice(0, 4)).size, 1);
    assertNotEquals(ids[0], ids[4]);
    const metrics = (await hurricane.probe("/metrics")).text;
    assertMatch(metrics, /^hurricane_webhook_deliveries_total\{[^}]*type="startup"[^}]*\} 2$/m);
  });

  test("are not repeated after a refusal or a redirect", async () => {
    await using elsewhere = await Receiver.open();
    await using receiver = await Receiver.open(400, {
      status: 302,
      headers: { location: elsewhere.url() },
    });
    await using hurricane = await serve(checked, { args: ["--webhook-url", receiver.url()] });
    await hurricane.probe("/ready");
    await receiver.states(2);
    await hurricane.probe("/alive");
    assertEquals(await receiver.states(3), [
      "startup succeeded",
      "readiness succeeded",
      "liveness succeeded",
    ]);
    assertEquals(await hurricane.stop(), 0);
    assertEquals([receiver.attempts.items.length, elsewhere.attempts.items.length], [3, 0]);
  });

  test("that hang delay no probe and no request, and are tried again", async () => {
    await using receiver = await Receiver.open("hang", "hang");
    await using hurricane = await serve(checked, {
      args: ["--webhook-url", receiver.url(), "--webhook-timeout", "2s"],
    });
    await receiver.states(1);
    assertEquals((await hurricane.probe("/ready")).status, 200);
    assertEquals((await hurricane.get()).text, "hello");
    assertEquals(await receiver.states(4), [
      ...Array(3).fill("startup succeeded"),
      "readiness succeeded",
    ]);
  });

  test("to a receiver that is down are given up; the secret in the URL is in no log", async () => {
    const closed = await Receiver.open();
    const { port } = new URL(closed.url());
    await closed[Symbol.asyncDispose]();
    await using hurricane = await serve(checked, {
      args: ["--webhook-url", `http://ops:hunter2@127.0.0.1:${port}/h?token=hunter2`].concat(
        ["--webhook-retries", "1", "--log-level", "debug"],
      ),
    });
    const line = await hurricane.log.until(
      "the delivery that was given up",
      ({ part, level }) => part === "webhooks" && ["error", "warn"].includes(level),
    );
    assertStringIncludes(JSON.stringify(line), port);
    assertEquals((await hurricane.probe("/ready")).status, 200);
    assertEquals(await hurricane.stop(), 0);
    assert(!hurricane.stderr.items.some((text) => text.includes("hunter2")));
  });
});
