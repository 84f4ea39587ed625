import { describe, test } from "node:test";
import { join } from "node:path";
import {
  assert,
  assertEquals,
  assertGreater,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { heartbeatInterval, restsAfter, standsStillAfter } from "../../../src/timeline.ts";
import { AppProcess } from "../../../src/supervisor/process/app_process.ts";
import { WorkerError } from "../../../src/supervisor/workers/worker.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { saying } from "../../support/handlers.ts";
import { Connection, request } from "../../support/http.ts";
import { CapturedLog } from "../../support/captured_log.ts";
import { eventually, pause } from "../../support/wait.ts";
import { appOptions, never, RunningApp } from "../../support/workers.ts";

describe("AppProcess.load", () => {
  test("resolves when the handler listens, and knows its checks", async () => {
    await using app = await RunningApp.start(`
      export const checks = { readiness: { a() {}, b() {} }, liveness: { c() {} } };
      ${saying("hello")}`);
    const { worker } = app;
    assertEquals((await request(app.url())).text, "hello");
    assertGreater(worker.address.port, 0);
    assertEquals(worker.address.checks, { readiness: 2, liveness: 1 });
    assertGreater(worker.pid, 0);
  });

  const broken: Record<string, [string, RegExp, RegExp?]> = {
    "throws at import": [
      "throw new RangeError('at import');",
      /^RangeError: at import$/,
      /handler\.ts/,
    ],
    "has a syntax error": ["export default {", /^\w+: /],
    "has no handler": ["export const a = 1;", /^.*handler\.ts has no handler/],
    "exits": ["import process from 'node:process'; process.exit(0);", /exited with code 0 before/],
    "dies": [
      "import process from 'node:process'; process.kill(process.pid, 'SIGKILL');",
      /was killed by SIGKILL before it listened$/,
    ],
    "fails in the background while it is imported": [
      "setTimeout(() => { throw new Error('later') }); await new Promise(() => {});",
      /^Error: later$/,
    ],
  };
  for (const [name, [source, message, trace = message]] of Object.entries(broken)) {
    test(`rejects where the handler ${name}`, async () => {
      const error = await assertRejects(() => RunningApp.start(source), WorkerError);
      assertMatch(error.message, message);
      assertMatch(error.trace, new RegExp(trace, "m"));
    });
  }

  test("rejects where no process can be started, and leaves nothing that goes on", async () => {
    // More than Linux takes for one variable: it is in the configuration.
    const handler = `/${"x".repeat(200 * 1024)}`;
    const start = async () => await new AppProcess({ handler, options: appOptions }).loaded;
    await assertRejects(start, Error);
    await pause(standsStillAfter + 200);
  });

  test("rejects where the port is taken, and says so", async () => {
    await using first = await RunningApp.start(saying("x"));
    const { port } = first.worker.address;
    const error = await assertRejects(
      () => RunningApp.start(saying("y"), {}, undefined, port),
      WorkerError,
    );
    assertStringIncludes(error.message, `127.0.0.1:${port}: the port is taken`);
  });

  test("rejects where the process is killed while it starts", async () => {
    using dir = new TempDir();
    const handler = dir.file(
      "handler.ts",
      "setInterval(() => {}, 1e6); await new Promise(() => {});",
    );
    const worker = new AppProcess({ handler, options: appOptions });
    worker.kill();
    await assertRejects(
      () => worker.loaded,
      WorkerError,
      "was killed by SIGKILL before it listened",
    );
  });
});

describe("a running AppProcess", () => {
  test("shows what is in flight when it is asked", async () => {
    await using app = await RunningApp.start(never);
    for (let number = 1; number <= 3; number++) {
      app.provoke();
      await eventually(`${number} in flight`, async () => {
        await app.worker.refresh(1000);
        return app.worker.snapshot.inFlight === number;
      });
    }
  });

  test("answers each time it is asked, not only with a heartbeat", async () => {
    await using app = await RunningApp.start(saying("x"));
    // Without an answer each of them would take a second, and all of them too long for any test.
    for (let times = 0; times < 100; times++) await app.worker.refresh(3_600_000);
  });

  test("tells of its requests once, whoever asks", async () => {
    await using app = await RunningApp.start(saying("x"));
    await request(app.url());
    await eventually("the count", async () => {
      await app.worker.refresh(1000);
      return app.worker.snapshot.requests.durations.length === 1;
    });
    const { requests } = app.worker.snapshot;
    await app.worker.refresh(1000);
    // The same object: it has not been read from a message again.
    assertStrictEquals(app.worker.snapshot.requests, requests);
    await request(app.url());
    await eventually("another count", async () => {
      await app.worker.refresh(1000);
      return app.worker.snapshot.requests !== requests;
    });
  });

  test("keeps its counts when a heartbeat brings no new ones", async () => {
    await using app = await RunningApp.start(saying("x"));
    await request(app.url());
    const counted = () => app.worker.snapshot.requests.durations.length === 1;
    await eventually("the count", counted);
    const { snapshot } = app.worker;
    await eventually("two more heartbeats", () => app.worker.snapshot !== snapshot);
    assert(counted());
  });

  // Bun answers only the first of them where its answer is a promise.
  test("answers at once what a client has sent at once, also when it has rested", async () => {
    await using app = await RunningApp.start(saying("x"));
    await pause((restsAfter + 3) * heartbeatInterval);
    using client = await Connection.open(app.url());
    client.sendAtOnce("/", 20);
    for (let answer = 0; answer < 20; answer++) assertEquals((await client.answer()).text, "x");
  });

  test("is silent while its event loop stands still, and nobody waits for it", async () => {
    using dir = new TempDir();
    const release = join(dir.path, "release");
    await using app = await RunningApp.start(
      `
      import { existsSync } from "node:fs";
      export const checks = { readiness: { a() {} } };
      export default { fetch() {
        while (!existsSync("${release}"));
        return new Response("x");
      } };`,
      { checkTimeout: 50 },
    );
    const { worker } = app;
    await eventually("a heartbeat", () => worker.silence < standsStillAfter);
    const answered = request(app.url());
    await eventually("silence", () => worker.silence > standsStillAfter);
    const ended: string[] = [];
    await Promise.all([
      worker.refresh(100).then(() => ended.push("refresh")),
      worker.handlerMetrics(60_000).then((read) => ended.push(JSON.stringify(read))),
    ]);
    assertEquals(ended, ['{"error":"its event loop stands still"}', "refresh"]);
    assertEquals(await worker.runChecks("readiness"), undefined);
    dir.file("release", "");
    assertEquals((await answered).text, "x");
    await eventually("another heartbeat", () => worker.silence < standsStillAfter);
  });

  test("runs the handler's checks", async () => {
    await using app = await RunningApp.start(`
      export const checks = { readiness: { db() { throw new Error("refused") } }, liveness: {} };
      ${saying("x")}`);
    const [result] = await app.worker.runChecks("readiness") ?? [];
    assertEquals([result?.name, result?.status, result?.message], [
      "db",
      "failed",
      "Error: refused",
    ]);
    assertEquals(await app.worker.runChecks("liveness"), []);
  });

  test("heeds only messages that are Hurricane's", async () => {
    using log = new CapturedLog();
    await using app = await RunningApp.start(`
      import process from "node:process";
      process.send({ type: "snapshot", inFlight: 5, answered: 0, loopDelay: 0 });
      process.send({ hurricane: "tell", type: "constructor" });
      process.send("hello");
      process.send(null);
      ${saying("x")}`);
    await eventually("the messages", () => log.messages.length >= 4);
    assertEquals(new Set(log.levels), new Set(["debug"]));
    assertEquals(app.worker.snapshot.inFlight, 0);
  });

  test("warns once of a message that is not as it should be, and says why", async () => {
    using log = new CapturedLog();
    await using app = await RunningApp.start(`
      import process from "node:process";
      const snapshot = { inFlight: -5, answered: 0, loopDelay: 0 };
      for (let times = 0; times < 2; times++) {
        process.send({ hurricane: "tell", type: "snapshot", body: snapshot });
      }
      process.send({ hurricane: "tell", type: "imports", body: 7 });
      ${saying("x")}`);
    await app.worker.refresh(3_600_000);
    assertEquals(log.levels, ["warn", "warn"]);
    assertMatch(log.text, /unreadable message \(tell snapshot\): .* at inFlight/);
    assertEquals(app.worker.snapshot.inFlight, 0);
  });

  /** A handler that says what only its process should say, and says it wrong. */
  const spoiling = (saysSo: string) => `
    import process from "node:process";
    const spoil = (message) => process.send({ ...message, body: [7] });
    ${saysSo}
    export const checks = { readiness: { a() {} } };
    ${saying("x")}`;

  test("does not wait for an answer that came and could not be read", async () => {
    using log = new CapturedLog();
    // The time limit of checks is beyond the test's.
    const options = { checkTimeout: 3_600_000 };
    const answering = `process.on("message", ({ hurricane, type, id }) => {
      if (hurricane === "ask" && type === "checks") spoil({ hurricane: "answer", id });
    });`;
    await using app = await RunningApp.start(spoiling(answering), options);
    assertEquals(await app.worker.runChecks("readiness"), undefined);
    assertMatch(log.text, /warn .*unreadable message \(answer checks\): /);
  });

  test("does not wait for the start of a process that says it unreadably", async () => {
    using _log = new CapturedLog();
    for (const type of ["loaded", "listening"]) {
      const start = () =>
        RunningApp.start(spoiling(`spoil({ hurricane: "tell", type: "${type}" })`));
      const { message } = await assertRejects(start, WorkerError);
      assertStringIncludes(message, `unreadable message (tell ${type})`);
    }
  });

  test("answers probes on the handler's port by asking the supervisor", async () => {
    const asked: string[] = [];
    await using app = await RunningApp.start(
      saying("handler"),
      { probePaths: ["/ready"] },
      async (probe) => {
        asked.push(`${probe.method} ${new URL(probe.url).pathname} ${probe.headers.get("accept")}`);
        return await Promise.resolve(new Response("no", { status: 400, headers: { "x-y": "z" } }));
      },
    );
    const answer = await request(app.url("/ready/"), {
      method: "POST",
      headers: { accept: "a/b" },
    });
    assertEquals([answer.status, answer.text, answer.headers["x-y"]], [400, "no", "z"]);
    assertEquals(asked, ["POST /ready/ a/b"]);
    assertEquals((await request(app.url("/other"))).text, "handler");
  });
});
