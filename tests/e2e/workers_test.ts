import { describe, test } from "node:test";
import {
  assert,
  assertEquals,
  assertGreater,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { availableCpus } from "../../src/runtime/cpus.ts";
import { Connection } from "../support/http.ts";
import { form, type Hurricane, type LaunchOptions, serve } from "../support/hurricane.ts";
import { Load } from "../support/load.ts";
import { signal } from "../support/processes.ts";
import { scraped, Scrapes } from "../support/scrapes.ts";
import { eventually } from "../support/wait.ts";

const handler = `
import { existsSync } from "node:fs";
import process from "node:process";
import { Counter } from "prom-client";

const pid = String(process.pid);
const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
const asked = new Counter({ name: "shop_asked_total", help: "Requests." });
// A worker does not come up for as long as there is this file.
while (existsSync("wait")) await pause();

const check = (name: string) => () => {
  if (existsSync(name + pid)) throw new Error(name + pid);
};
export const checks = { readiness: { desk: check("ill") }, liveness: { desk: check("dead") } };

export const onShutdown = () => console.log("onShutdown " + pid);

export default {
  async fetch(request: Request) {
    const { pathname } = new URL(request.url);
    asked.inc();
    if (pathname === "/held") {
      console.log("holding " + pid);
      while (!existsSync("release")) await pause();
    }
    if (pathname === "/loop") {
      console.log("looping");
      while (true);
    }
    return new Response(pid);
  },
};
`;

function serveThree(options: LaunchOptions = {}): Promise<Hurricane> {
  const args = ["--workers=3", "--req-queue-len=10", ...options.args ?? []];
  return serve(handler, { ...options, args, packages: ["prom-client"] });
}

/** Asks with a new connection each time until all of so many workers have answered. */
async function answerOfEach(hurricane: Hurricane, workers = 3): Promise<number> {
  await using load = new Load(hurricane.url());
  await eventually(`answers of ${workers} workers`, () => load.bodies.size === workers);
  await load.stop();
  assertEquals([...load.failures], []);
  return load.ok;
}

function connectionTo(hurricane: Hurricane, pid: number): Promise<Connection> {
  return Connection.answeredWith(hurricane.url(), String(pid));
}

function restarts(hurricane: Hurricane, reason: string): Promise<number> {
  const scrape = () => hurricane.probe("/metrics");
  return scraped(scrape, "hurricane_worker_restarts_total", { reason });
}

async function counted(hurricane: Hurricane): Promise<[hurricane: number, handler: number]> {
  const scrape = () => hurricane.probe("/metrics");
  return [
    await scraped(scrape, "http_server_request_duration_seconds_count", {
      http_request_method: "GET",
      http_response_status_code: "200",
    }),
    await scraped(scrape, "shop_asked_total"),
  ];
}

describe(`several workers (${form})`, () => {
  test("all answer on one port; the metrics are their sum, also of those that were replaced", async () => {
    await using hurricane = await serveThree();
    assertEquals(hurricane.children().length, 3);
    let sent = await answerOfEach(hurricane);
    assertEquals(await counted(hurricane), [sent, sent]);

    await using scrapes = new Scrapes(() => hurricane.probe("/metrics"));
    await using load = new Load(hurricane.url());
    await load.more(100);
    hurricane.signal("SIGHUP");
    await hurricane.logged(/^all processes of the handler are replaced$/);
    await load.more(100);
    await load.stop();
    assertEquals([...load.failures], []);
    sent += load.ok;
    assertEquals(await counted(hurricane), [sent, sent]);

    // Of one that dies, what it had told by then.
    signal(hurricane.children()[1] as number, "SIGKILL");
    await hurricane.logged(/^the handler is up again$/);
    assertEquals(await counted(hurricane), [sent, sent]);
    sent += await answerOfEach(hurricane);
    assertEquals(await counted(hurricane), [sent, sent]);
    await scrapes.stop();
    assertEquals(scrapes.falls, []);
    assertGreater(scrapes.count, 10);
    assertEquals([await restarts(hurricane, "signal"), await restarts(hurricane, "crash")], [3, 1]);
    assertEquals(await hurricane.stop(), 0);
  });

  test("the queue is the sum, and SIGTERM lets all finish", async () => {
    await using hurricane = await serveThree();
    const held = Array.from({ length: 10 }, () => hurricane.get("/held"));
    const lines = await hurricane.stdout.first(held.length);
    assertGreater(new Set(lines).size, 1);
    // Of a worker that does not answer at once, what it said a moment ago stands.
    await eventually("a queue of 10", async () => {
      const { status, text } = await hurricane.probe("/ready");
      assertEquals(status, 200);
      return /queue length 10 of 10$/.test(text.trim());
    });
    const length = await scraped(
      () => hurricane.probe("/metrics"),
      "hurricane_request_queue_length",
      { part: "handler" },
    );
    assertEquals(length, 10);
    held.push(hurricane.get("/held"));
    await hurricane.stdout.first(held.length);
    assertStringIncludes((await hurricane.probeUntil("/ready", 400)).text, "length 11 exceeds 10");

    const pids = hurricane.children().map(String).sort();
    hurricane.signal("SIGTERM");
    await hurricane.logged(/^draining/);
    writeFileSync(join(hurricane.dir, "release"), "");
    for (const answer of await Promise.all(held)) assert(pids.includes(answer.text), answer.text);
    assertEquals((await hurricane.exited).code, 0);
    const last = hurricane.stdout.items.slice(held.length);
    assertEquals(last.sort(), pids.map((pid) => `onShutdown ${pid}`));
  });

  test("the checks of all run", async () => {
    await using hurricane = await serveThree();
    const pids = hurricane.children();
    for (const [probe, name] of [["/ready", "ill"], ["/alive", "dead"]] as const) {
      assertEquals((await hurricane.probe(probe)).status, 200);
      for (const pid of pids) {
        const file = join(hurricane.dir, `${name}${pid}`);
        writeFileSync(file, "");
        const { status, text } = await hurricane.probe(probe);
        assertEquals(status, 500);
        assertMatch(text, new RegExp(`desk failed: .*${name}${pid}`));
        rmSync(file);
      }
      const { status, text } = await hurricane.probe(probe, {
        headers: { accept: "application/json" },
      });
      assertEquals([status, JSON.parse(text).checks.length], [200, 3]);
    }
  });

  test("with one of them dead, the others serve and readiness says yes", async () => {
    await using hurricane = await serveThree();
    const [dying, ...others] = hurricane.children() as [number, number, number];
    const connections = await Promise.all(others.map((pid) => connectionTo(hurricane, pid)));
    writeFileSync(join(hurricane.dir, "wait"), "");
    signal(dying, "SIGKILL");
    await hurricane.logged(/was killed by SIGKILL/);
    const starting = await eventually(
      "its successor's process",
      () => hurricane.children().find((pid) => pid !== dying && !others.includes(pid)),
    );
    for (const probe of ["/startup", "/ready", "/alive"]) {
      assertEquals((await hurricane.probe(probe)).status, 200);
    }
    for (const [index, connection] of connections.entries()) {
      assertEquals((await connection.get("/")).text, String(others[index]));
    }
    await answerOfEach(hurricane, 2);
    rmSync(join(hurricane.dir, "wait"));
    await hurricane.logged(/^the handler is up again$/);
    using connection = await connectionTo(hurricane, starting);
    for (const [index, other] of connections.entries()) {
      assertEquals((await other.get("/")).text, String(others[index]));
      other.close();
    }
    assertEquals(await restarts(hurricane, "crash"), 1);
    connection.close();
    assertEquals(await hurricane.stop(), 0);
  });

  test("one that stands still is ended and replaced; the others serve, liveness says yes", async () => {
    // Long enough for another one to start in, on a busy machine: until then liveness says yes.
    await using hurricane = await serveThree({ args: ["--stall-timeout=3s"] });
    const [looping, ...others] = hurricane.children() as [number, number, number];
    const connections = await Promise.all(others.map((pid) => connectionTo(hurricane, pid)));
    using stuck = await connectionTo(hurricane, looping);
    stuck.send("/loop");
    await hurricane.printed("looping");
    while (await restarts(hurricane, "stall") === 0) {
      assertEquals((await hurricane.probe("/alive")).status, 200);
      assertEquals((await hurricane.probe("/ready")).status, 200);
      for (const [index, connection] of connections.entries()) {
        assertEquals((await connection.get("/")).text, String(others[index]));
      }
    }
    await stuck.closed;
    for (const connection of connections) connection.close();
    await hurricane.logged(/has stood still for [1-9]\d*\.\ds, longer than 3s \(--stall-timeout\)/);
    assert(!hurricane.children().includes(looping));
    await answerOfEach(hurricane);
    assertEquals(await restarts(hurricane, "crash"), 0);
    assertEquals(await hurricane.stop(), 0);
  });

  test("--max-restarts counts the crashes of all", async () => {
    await using hurricane = await serveThree({ args: ["--max-restarts=2"] });
    const pids = hurricane.children();
    for (const pid of pids) {
      signal(pid, "SIGKILL");
      await hurricane.log.until(`the end of ${pid}`, (line) => line["pid"] === pid);
    }
    assertEquals((await hurricane.exited).code, 1);
    await hurricane.logged(/^gave up after 2 restarts within a minute/);
  });

  test("--workers auto: one for each CPU", async () => {
    await using hurricane = await serve(handler, {
      args: ["--workers=auto"],
      packages: ["prom-client"],
    });
    assertEquals(hurricane.children().length, availableCpus());
    await answerOfEach(hurricane, availableCpus());
  });
});
