import { describe, test } from "node:test";
import {
  assert,
  assertEquals,
  assertGreater,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { obliging } from "../support/handlers.ts";
import { Connection } from "../support/http.ts";
import { form, type Hurricane, launch, serve } from "../support/hurricane.ts";
import { signal } from "../support/processes.ts";
import { Receiver } from "../support/receiver.ts";
import { eventually } from "../support/wait.ts";

/** Sends a request that its process does not survive. */
function provoke(hurricane: Hurricane, path: string): Promise<void> {
  return hurricane.get(path).then(() => {}, () => {});
}

/** Waits until a process other than the one given answers. */
function successor(hurricane: Hurricane, pid: string): Promise<string> {
  return eventually("another process to answer", async () => {
    const text = await hurricane.get("/pid").then((answer) => answer.text, () => "");
    return text !== "" && text !== pid && text;
  });
}

describe(`crash (${form})`, () => {
  const crashes: Record<string, (hurricane: Hurricane, pid: number) => Promise<void> | void> = {
    "process.exit()": (hurricane) => provoke(hurricane, "/exit"),
    "a native crash": (hurricane) => provoke(hurricane, "/abort"),
    "SIGKILL, as the kernel does when memory is out": (_, pid) => signal(pid, "SIGKILL"),
  };
  for (const [name, crash] of Object.entries(crashes)) {
    test(`${name}: the probes go on and the handler is back`, async () => {
      await using hurricane = await serve(obliging);
      const pid = (await hurricane.get("/pid")).text;
      assertNotEquals(Number(pid), hurricane.pid);
      await crash(hurricane, Number(pid));
      assertEquals((await hurricane.probe("/alive")).status, 200);
      assertEquals((await hurricane.probe("/startup")).status, 200);
      await successor(hurricane, pid);
      await hurricane.probeUntil("/ready", 200);
      const metrics = (await hurricane.probe("/metrics")).text;
      assertMatch(metrics, /^hurricane_worker_restarts_total\{reason=".+"\} 1$/m);
      assertEquals(await hurricane.stop(), 0);
    });
  }

  test("a rejection that nobody handles does not stop the service", async () => {
    await using hurricane = await serve(`
      export default {
        fetch() {
          Promise.reject(new Error("nobody handles it"));
          return new Response("answered");
        },
      };`);
    await hurricane.get().catch(() => {});
    await hurricane.log.until(
      "the rejection in the log",
      (line) => JSON.stringify(line).includes("nobody handles it"),
    );
    const text = await eventually(
      "an answer",
      () => hurricane.get().then((answer) => answer.text, () => undefined),
    );
    assertEquals(text, "answered");
    assertEquals((await hurricane.probe("/alive")).status, 200);
  });

  test("more than --max-restarts crashes: liveness webhook, exit 1", async () => {
    await using receiver = await Receiver.open();
    await using hurricane = await serve(obliging, {
      args: ["--max-restarts", "2", "--webhook-url", receiver.url()],
    });
    let crashes = 0;
    let ended = false;
    const exit = hurricane.exited.then((exit) => {
      ended = true;
      return exit;
    });
    while (!ended) {
      const pid = await hurricane.get("/pid").then(({ text }) => text, () => "");
      if (pid === "") continue;
      crashes++;
      signal(Number(pid), "SIGKILL");
      await eventually("its end", () => !hurricane.children().includes(Number(pid)));
    }
    assertEquals((await exit).code, 1);
    assertEquals(crashes, 3);
    const { payload } = await receiver.delivery("liveness", "failed");
    assertStringIncludes(payload["error_trace"] ?? "", "SIGKILL");
  });

  test("what is cut off when it gives up is told of", async () => {
    await using hurricane = await serve(obliging, {
      args: ["--workers=2", "--max-restarts=0", "--shutdown-timeout=100ms"],
    });
    using client = await Connection.open(hurricane.url());
    const busy = (await client.get("/pid")).text;
    const other = await successor(hurricane, busy);
    client.send("/never");
    await hurricane.printed("never");
    signal(Number(other), "SIGKILL");
    assertEquals((await hurricane.exited).code, 1);
    assert(hurricane.log.items.some(({ message }) => /1 request was cut off/.test(message)));
  });

  test("a handler that cannot be brought back: readiness says no, then exit 1", async () => {
    await using receiver = await Receiver.open();
    await using hurricane = await serve(
      `import { existsSync } from "node:fs";
      import process from "node:process";
      if (existsSync("broken")) throw new Error("broken since");
      export default { fetch: () => process.exit(7) };`,
      { args: ["--max-restarts", "3", "--webhook-url", receiver.url()] },
    );
    assertEquals((await hurricane.probe("/ready")).status, 200);
    writeFileSync(join(hurricane.dir, "broken"), "");
    await provoke(hurricane, "/");
    assertMatch((await hurricane.probeUntil("/ready", 400)).text, /worker|process/);
    assertEquals((await hurricane.exited).code, 1);
    assertStringIncludes(
      (await receiver.delivery("liveness", "failed")).payload["error_trace"] ?? "",
      "broken since",
    );
  });

  const holdingUp = `
    import process from "node:process";
    process.on("exit", () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;

  test("a failed import whose exit is held up: exit 1, and the log says why", async () => {
    await using hurricane = launch(`${holdingUp} throw new RangeError("at import");`);
    await hurricane.logged(/^cannot start: RangeError: at import/);
    assertEquals((await hurricane.exited).code, 1);
  });

  test("a crash whose exit is held up: the handler is back", async () => {
    await using hurricane = await serve(`${holdingUp}
      export default { fetch(request) {
        if (request.url.endsWith("/crash")) setTimeout(() => { throw new RangeError("late"); });
        return new Response(String(process.pid));
      } };`);
    const pid = (await hurricane.get("/pid")).text;
    await provoke(hurricane, "/crash");
    await hurricane.logged(
      /^the handler's process \d+ does not exit 3s after its failure: killed$/,
    );
    await successor(hurricane, pid);
    await hurricane.logged(/^the handler is up again$/);
  });

  test("an endless loop is ended after --stall-timeout, and the handler is back", async () => {
    await using hurricane = await serve(obliging, { args: ["--stall-timeout", "1s"] });
    const looping = provoke(hurricane, "/loop");
    const { message } = await hurricane.logged(/has stood still for [1-9]\d*\.\ds/);
    assertStringIncludes(message, "--stall-timeout");
    await looping;
    await hurricane.logged(/^the handler is up again$/);
    assertEquals((await hurricane.get()).text, "hello");
    assertEquals((await hurricane.probe("/alive")).status, 200);
    const { text } = await hurricane.probe("/metrics");
    assertMatch(text, /^hurricane_worker_restarts_total\{reason="stall"\} 1$/m);
    assertEquals(await hurricane.stop(), 0);
  });

  test("an endless loop does not keep it from stopping", async () => {
    await using hurricane = await serve(obliging, { args: ["--shutdown-timeout", "500ms"] });
    const looping = provoke(hurricane, "/loop");
    await hurricane.printed("looping");
    assertEquals((await hurricane.probe("/startup")).status, 200);
    assertEquals((await hurricane.probe("/metrics")).status, 200);
    assertEquals(await hurricane.stop(), 1);
    await looping;
    assert(hurricane.log.items.some(({ message }) => /cut off|abort|interrupt/.test(message)));
  });

  test("a blocked event loop below --stall-timeout is alive", async () => {
    await using hurricane = await serve(obliging);
    const blocked = hurricane.get("/block?ms=2000");
    await hurricane.printed("blocking");
    let answers = 0;
    let done = false;
    blocked.finally(() => done = true);
    while (!done) {
      assertEquals((await hurricane.probe("/alive")).status, 200);
      if (!done) answers++;
    }
    assertEquals((await blocked).text, "blocked");
    assertGreater(answers, 0);
  });

  test("the app process goes when the supervisor is killed", async () => {
    await using hurricane = await serve(obliging);
    assertGreater(hurricane.children().length, 0);
    hurricane.signal("SIGKILL");
    await hurricane.exited;
    await eventually("the end of the app process", () => hurricane.children().length === 0);
  });

  test("an app process whose event loop stands still goes as well", async () => {
    await using hurricane = await serve(obliging);
    const looping = provoke(hurricane, "/loop");
    await hurricane.printed("looping");
    hurricane.signal("SIGKILL");
    await hurricane.exited;
    await eventually("the end of the app process", () => hurricane.children().length === 0);
    await looping;
  });
});
