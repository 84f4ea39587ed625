import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse, assertGreater, assertMatch } from "@std/assert";
import { CapturedLog } from "../../support/captured_log.ts";
import { isRunning } from "../../commands/support.ts";
import { request } from "../../support/http.ts";
import { eventually } from "../../support/wait.ts";
import { TestService } from "../service_support.ts";

const saying = (text: string, before = "") => `
  import process from "node:process";
  ${before}
  export default { fetch: ({ url }) => {
    if (url.endsWith("/exit")) process.exit(3);
    return new Response(url.endsWith("/pid") ? String(process.pid) : "${text}");
  } };`;

const hanging = "await new Promise(() => { setInterval(() => {}, 1e6); });";

/** The answers to so many requests on connections of their own, each with its count. */
async function spread(it: TestService, count: number): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (let number = 0; number < count; number++) {
    const { text } = await request(`${it.service.url}/pid`);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

describe("a replacement", () => {
  test("that hangs while it is imported makes way for the next one", async () => {
    using log = new CapturedLog();
    await using it = await TestService.process(saying("first")).started();
    it.dir.file("handler.ts", saying("hanging", hanging));
    const first = it.service.renew();
    it.dir.file("handler.ts", saying("mended"));
    await Promise.all([first, it.service.renew()]);
    assertEquals((await it.get()).text, "mended");
    await log.logged(/^all processes of the handler are replaced$/);
  });

  test("is done once for many that were asked for meanwhile", async () => {
    using _log = new CapturedLog();
    await using it = await TestService.process(saying("x"), { workers: 2 }).started();
    await Promise.all(Array.from({ length: 20 }, () => it.service.renew()));
    const [, scrape] = await it.probe("/metrics");
    const count = /^hurricane_worker_restarts_total\{reason="signal"\} (\d+)$/m.exec(scrape)?.[1];
    assert(Number(count) <= 4, count);
    assertEquals(it.service.workers.length, 2);
  });

  test("of one that dies while it leaves cuts nothing off", async () => {
    using log = new CapturedLog();
    await using it = await TestService.process(saying("x")).started();
    const [old] = it.service.workers;
    const renewed = it.service.renew();
    await eventually("it to leave", () => it.service.retiring.includes(old!));
    old?.kill();
    await renewed;
    assertFalse(/cut off|did not stop/.test(log.text), log.text);
  });

  test("leaves new connections spread over all, also after a crash in its middle", async () => {
    using log = new CapturedLog();
    await using it = await TestService.process(saying("x"), { workers: 2 }).started();
    const [, second] = it.service.workers;
    const renewed = it.service.renew();
    await eventually("the first to leave", () => it.service.retiring.length === 1);
    second?.kill();
    await log.logged(/^the handler is up again$/);
    await renewed;
    // Of 200 to two workers at random, fewer than 60 for one are as good as impossible.
    const counts = [...(await spread(it, 200)).values()];
    assertEquals(counts.length, 2);
    assertGreater(Math.min(...counts), 60);
  });
});

describe("a start", () => {
  test("after too many crashes is not tried any more, in no place", async () => {
    using log = new CapturedLog();
    const options = { workers: 3, maxRestarts: 2 };
    await using it = await TestService.process(saying("x"), options).started();
    const pids = new Set<number>();
    let code: number | undefined;
    void it.service.finished.then((finished) => code = finished);
    // A request may meet a process that is on its way out, and then ends none.
    await eventually("it to give up", async () => {
      for (const { pid } of it.service.workers) pids.add(pid);
      await it.get("/exit").catch(() => {});
      return code !== undefined;
    });
    assertEquals(code, 1);
    assertMatch(log.text, /gave up after 2 restarts within a minute/);
    for (const { pid } of it.service.workers) pids.add(pid);
    assert([...pids].every((pid) => !isRunning(pid)));
  });
});
