import { describe, test } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { standsStillAfter } from "../../../src/timeline.ts";
import type { WorkerError } from "../../../src/supervisor/workers/worker.ts";
import { gone } from "../../commands/support.ts";
import { saying } from "../../support/handlers.ts";
import { request } from "../../support/http.ts";
import { eventually } from "../../support/wait.ts";
import { blocking, never, RunningApp } from "../../support/workers.ts";

/** As a logger does that waits for its worker thread. */
const holdingUp = `
import process from "node:process";
process.on("exit", () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;

describe("the end of an AppProcess", () => {
  const ends: Record<string, [string, string, string?]> = {
    "an exit": ["process.exit(3)", "exited with code 3"],
    "a signal": ["process.kill(process.pid, 'SIGKILL')", "was killed by SIGKILL"],
    "an error that nobody caught": [
      "setTimeout(() => { throw new RangeError('uncaught') })",
      "exited with code 1",
      "RangeError: uncaught",
    ],
    "a rejection that nobody handled": [
      "void Promise.reject(new RangeError('unhandled'))",
      "exited with code 1",
      "RangeError: unhandled",
    ],
  };
  for (const [name, [end, reason, message]] of Object.entries(ends)) {
    test(`is told: ${name}`, async () => {
      await using app = await RunningApp.start(
        `
        import process from "node:process";
        export default { fetch() { ${end}; return new Response("x"); } };`,
        { logLevel: "error" },
      );
      app.provoke();
      const exit = await app.worker.exit;
      assertEquals([exit.reason, exit.asked, exit.error?.message], [reason, false, message]);
      if (message !== undefined) assertStringIncludes(exit.error?.trace ?? "", "handler.ts");
    });
  }

  test("is brought about where an exit listener holds it up: a crash", async () => {
    await using app = await RunningApp.start(
      `${holdingUp}
      export default { fetch() {
        setTimeout(() => { throw new RangeError("uncaught") });
        return new Response("x");
      } };`,
      { logLevel: "error" },
    );
    app.provoke();
    const { reason, error } = await app.worker.exit;
    assertEquals([reason, error?.message], ["was killed by SIGKILL", "RangeError: uncaught"]);
  });

  test("is brought about where an exit listener holds it up: a failed import", async () => {
    const start = RunningApp.start(`${holdingUp}\nthrow new RangeError("at import");`);
    await assertRejects(() => start, Error, "RangeError: at import");
  });

  for (const end of ["kill", "exit"]) {
    test(`takes with it what the handler has started: ${end}`, async () => {
      await using app = await RunningApp.start(`
        import { spawn } from "node:child_process";
        import process from "node:process";
        const { pid } = spawn("sleep", ["3600"], { stdio: "ignore" });
        export default { fetch(request) {
          if (request.url.endsWith("/exit")) process.exit(0);
          return new Response(String(pid));
        } };`);
      const pid = Number((await request(app.url())).text);
      if (end === "kill") app.worker.kill();
      else await assertRejects(() => request(app.url("/exit")));
      const { reason } = await app.worker.exit;
      assertEquals(reason, end === "kill" ? "was killed by SIGKILL" : "exited with code 0");
      await gone(pid);
      app.worker.kill();
    });
  }

  test("answers whoever still waits", async () => {
    await using app = await RunningApp.start(
      `
      export const checks = { readiness: { hangs: () => new Promise(() => {}) } };
      ${saying("x")}`,
      { checkTimeout: 3_600_000 },
    );
    const checks = app.worker.runChecks("readiness");
    app.worker.kill();
    assertEquals(await checks, undefined);
  });
});

describe("AppProcess.stop", () => {
  test("ends well where nothing is in flight", async () => {
    await using app = await RunningApp.start(saying("x"));
    assertEquals(await app.worker.stop(10_000), { cut: 0 });
    assertEquals(await app.worker.exit, { reason: "exited with code 0", asked: true });
  });

  test("tells what was cut off", async () => {
    await using app = await RunningApp.start(never);
    app.provoke();
    await eventually("it in flight", () => app.worker.snapshot.inFlight === 1);
    const { cut, error } = await app.worker.stop(50);
    assertEquals([cut, error], [1, undefined]);
  });

  test("tells what onShutdown threw", async () => {
    await using app = await RunningApp.start(`
      export function onShutdown() { throw new RangeError("pool"); }
      ${saying("x")}`);
    const { cut, error } = await app.worker.stop(10_000);
    assertEquals([cut, (error as WorkerError).message], [0, "RangeError: pool"]);
    assertStringIncludes((error as WorkerError).trace, "handler.ts");
  });

  test("kills a process whose event loop stands still", async () => {
    await using app = await RunningApp.start(blocking);
    app.provoke();
    await eventually("silence", () => app.worker.silence > standsStillAfter);
    const { cut, atLeast, died, error } = await app.worker.stop(10);
    // The request has come after the last sign of life: it is not known of.
    assertEquals([cut, atLeast, died], [0, true, true]);
    assertEquals(
      (error as WorkerError).message,
      "the handler's process did not stop as asked: its event loop stood still, and it was killed",
    );
  });

  test("tells how a process ended that nothing was in flight in", async () => {
    await using app = await RunningApp.start(`
      import process from "node:process";
      export function onShutdown() { process.exit(3); }
      ${saying("x")}`);
    const { error, ...outcome } = await app.worker.stop(10_000);
    assertEquals(outcome, { cut: 0, died: true });
    assertEquals(
      (error as WorkerError).message,
      "the handler's process did not stop as asked: it exited with code 3",
    );
  });
});

test("a worker that is gone is not waited for", async () => {
  const checks = "export const checks = { readiness: { a() {} } };";
  // Its time limit is beyond the test's.
  await using app = await RunningApp.start(checks + saying("x"), { checkTimeout: 3_600_000 });
  app.worker.kill();
  await app.worker.exit;
  assertEquals(await app.worker.runChecks("readiness"), undefined);
});
