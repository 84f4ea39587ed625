import { describe, test } from "node:test";
import {
  assert,
  assertEquals,
  assertFalse,
  assertGreaterOrEqual,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import { CapturedLog } from "../../support/captured_log.ts";
import { isRunning } from "../../commands/support.ts";
import { Connection } from "../../support/http.ts";
import { eventually } from "../../support/wait.ts";
import { TestService } from "../service_support.ts";

/** Answers with its process id; keeps 300 MB for `/grow`, never answers `/never`, loops for `/loop`. */
const handler = `
  import process from "node:process";
  const kept = [];
  export default { fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/grow") kept.push(new Uint8Array(300 * 1024 * 1024).fill(1));
    if (pathname === "/loop") while (true);
    if (pathname === "/never") return new Promise(() => {});
    return new Response(String(process.pid));
  } };`;

/** How often a worker took the place of another, for a reason. */
async function restarts(it: TestService, reason: string): Promise<number> {
  const [, text] = await it.probe("/metrics");
  const line = new RegExp(`^hurricane_worker_restarts_total\\{reason="${reason}"\\} (\\d+)$`, "m");
  return Number(line.exec(text)?.[1]);
}

describe("a worker is replaced", () => {
  test("after about --max-lifetime requests, and no request is lost in the counts", async () => {
    using log = new CapturedLog();
    await using it = await TestService.process(handler, { maxLifetime: 50 }).started();
    const first = (await it.get()).text;
    let sent = 1;
    for (; sent < 45; sent++) assertEquals((await it.get()).text, first);
    assertEquals(await restarts(it, "lifetime"), 0);
    for (; sent < 60; sent++) await it.get();
    await log.logged(/^the handler's process has answered (4[5-9]|5\d|60) requests/);
    await eventually("its end", () => !isRunning(Number(first)));
    assertNotEquals((await it.get()).text, first);
    assertEquals(await restarts(it, "lifetime"), 1);
    const [, text] = await it.probe("/metrics");
    assertMatch(text, /^http_server_request_duration_seconds_count\{.*\} 61$/m);
    assertEquals(await it.service.stop(), 0);
  });

  test("above --max-memory", async () => {
    using log = new CapturedLog();
    await using it = await TestService.process(handler, { maxMemory: "250mb" }).started();
    const first = (await it.get()).text;
    await it.get("/grow");
    // It may be looked at while it still fills its memory.
    const said =
      /^the handler's process has (\d+)mb of resident memory after \d+ requests, 250mb is the limit/;
    const { message } = await log.logged(said);
    assertGreaterOrEqual(Number(said.exec(message)?.[1]), 250);
    await eventually("its end", () => !isRunning(Number(first)));
    assertNotEquals((await it.get()).text, first);
    assertEquals(await restarts(it, "memory"), 1);
  });

  test("when it is asked for, while requests in flight finish", async () => {
    using log = new CapturedLog();
    await using it = await TestService.process(handler, { workers: 2, shutdownTimeout: 500 })
      .started();
    const before = it.service.workers.map(({ pid }) => pid);
    using client = await Connection.open(it.service.url);
    const { text: pid } = await client.get("/");
    client.send("/never");
    await eventually(
      "it in flight",
      () => it.service.workers.some(({ snapshot }) => snapshot.inFlight === 1),
    );
    await it.service.renew();
    assert(before.every((pid) => !isRunning(pid)));
    assert(before.includes(Number(pid)));
    assertEquals(it.service.workers.length, 2);
    assertEquals(await restarts(it, "signal"), 2);
    // Even then something is cut off where it never ends, and that is said.
    assertMatch(log.text, /error (at least )?1 request was cut off \(--shutdown-timeout\)/);
    assertEquals(await it.service.stop(), 0);
  });

  test("by none, where none can be started: the old ones stay", async () => {
    using log = new CapturedLog();
    await using it = await TestService.process(handler, { workers: 2 }).started();
    const before = it.service.workers.map(({ pid }) => pid);
    it.dir.file("handler.ts", "throw new RangeError('edited badly');");
    await it.service.renew();
    assertMatch(log.text, /cannot be replaced, and stays: RangeError: edited badly/);
    assertEquals(it.service.workers.map(({ pid }) => pid), before);
    assertEquals((await it.probe("/ready"))[0], 200);
    assertEquals(await restarts(it, "signal"), 0);
  });

  test("where its event loop stands still for too long; the others serve on", async () => {
    using log = new CapturedLog();
    await using it = await TestService.process(handler, { workers: 2, stallTimeout: 500 })
      .started();
    const [first, second] = it.service.workers;
    it.get("/loop").catch(() => {});
    await log.logged(/^the handler's process is killed: its event loop has stood still for/);
    await log.logged(/^the handler is up again$/);
    const stuck = isRunning(first?.pid ?? 0) ? second : first;
    assertFalse(isRunning(stuck?.pid ?? 0));
    assertEquals(it.service.workers.length, 2);
    assertEquals([await restarts(it, "stall"), await restarts(it, "crash")], [1, 0]);
    assertEquals((await it.probe("/alive"))[0], 200);
  });
});

test("a worker is not replaced while the service is told to stop", async () => {
  using log = new CapturedLog();
  await using it = await TestService.process(handler, { shutdownDelay: 300 }).started();
  const stopped = it.service.stop();
  await it.service.renew();
  await log.logged(/^nothing is replaced while the service is draining$/);
  assertEquals(await stopped, 0);
});
