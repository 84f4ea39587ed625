import { describe, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { obliging } from "../support/handlers.ts";
import type { Answer } from "../support/http.ts";
import { form, type Hurricane, serve } from "../support/hurricane.ts";
import { eventually } from "../support/wait.ts";

async function shed(hurricane: Hurricane): Promise<number> {
  const { text } = await hurricane.probe("/metrics");
  return Number(/^hurricane_requests_shed_total\{reason="inflight"\} (\d+)$/m.exec(text)?.[1]);
}

/** Sends a request that the handler holds until the file "release" exists, as its nth. */
async function hold(hurricane: Hurricane, nth: number): Promise<{ answer: Promise<Answer> }> {
  const answer = hurricane.get("/held");
  const { stdout } = hurricane;
  await stdout.until(
    `request ${nth} to be in the handler`,
    () => stdout.items.filter((line) => line === "holding").length === nth,
  );
  return { answer };
}

describe(`--max-inflight (${form})`, () => {
  test("answers 503 at once while so many requests are in the handler", async () => {
    await using hurricane = await serve(obliging, { args: ["--max-inflight=2", "--access-log"] });
    assertEquals(await shed(hurricane), 0);
    const held = [await hold(hurricane, 1), await hold(hurricane, 2)];
    // The handler's answer to this would be "hello".
    const { status, headers, text } = await hurricane.get("/");
    assertEquals([status, headers["retry-after"], text], [503, "1", "Service Unavailable\n"]);
    assertMatch(headers["content-type"] ?? "", /^text\/plain/);
    await hurricane.log.until(
      "the refused request in the access log",
      ({ part, status, path }) => part === "access" && status === 503 && path === "/",
    );
    const metrics = (await hurricane.probe("/metrics")).text;
    assertMatch(metrics, /^hurricane_requests_shed_total\{reason="inflight"\} 1$/m);
    assertMatch(metrics, /^http_server_request_duration_seconds_count\{.*"503".*\} 1$/m);
    assertMatch(metrics, /^http_server_active_requests 2$/m);

    writeFileSync(join(hurricane.dir, "release"), "");
    for (const { answer } of held) assertEquals((await answer).text, "held");
    assertEquals((await hurricane.get("/")).text, "hello");
    assertEquals(await shed(hurricane), 1);
    assertEquals(await hurricane.stop(), 0);
  });

  test("is counted over all workers, those that are gone among them", async () => {
    await using hurricane = await serve(obliging, { args: ["--max-inflight=1"] });
    const pid = Number((await hurricane.get("/pid")).text);
    const cutOff = (await hold(hurricane, 1)).answer.catch(() => {});
    assertEquals((await hurricane.get("/")).status, 503);
    assertEquals(await shed(hurricane), 1);
    process.kill(pid, "SIGKILL");
    await cutOff;
    await hurricane.logged(/the handler is up again/);
    assertEquals(await shed(hurricane), 1);
    const { answer } = await hold(hurricane, 2);
    assertEquals((await hurricane.get("/")).status, 503);
    await eventually("both to be counted", async () => await shed(hurricane) === 2);
    writeFileSync(join(hurricane.dir, "release"), "");
    assertEquals((await answer).text, "held");
  });
});
