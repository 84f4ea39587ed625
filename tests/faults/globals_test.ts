/**
 * Handlers that replace or break what Hurricane itself needs in their process.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { readFileSync } from "node:fs";
import process from "node:process";
import { form, type Hurricane, serve } from "../support/hurricane.ts";
import { eventually } from "../support/wait.ts";

/** What a handler does when it is imported, and what would come of that. */
const faults: Record<string, string> = {
  "no setImmediate": "globalThis.setImmediate = () => { throw new Error('no') };",
  "a setImmediate that does nothing": "globalThis.setImmediate = () => 0;",
  "no setTimeout": "globalThis.setTimeout = () => { throw new Error('no') };",
  "a setTimeout that calls nobody": "globalThis.setTimeout = () => 0;",
  "a setInterval that calls nobody": "globalThis.setInterval = () => 0;",
  "a clearTimeout that throws": "globalThis.clearTimeout = () => { throw new Error('no') };",
  "a queueMicrotask that calls nobody": "globalThis.queueMicrotask = () => {};",
  "a process.on that adds nothing": "process.on = process.addListener = () => process;",
  "a process.once that adds nothing": "process.once = () => process;",
  "a process.off that throws": "process.off = () => { throw new Error('no') };",
  "a process.send that sends nothing": "process.send = () => true;",
  "no process.send": "process.send = undefined;",
  "a process.exit that does not exit": "process.exit = () => {};",
  "a process.listenerCount that lies": "process.listenerCount = () => 7;",
  "a Response with a hasInstance that calls itself": `Object.defineProperty(Response,
    Symbol.hasInstance, { value: (one) => one instanceof Response });`,
  "a Response with a hasInstance that lies": `Object.defineProperty(Response,
    Symbol.hasInstance, { value: () => false });`,
  "a Promise with a hasInstance that calls itself": `Object.defineProperty(Promise,
    Symbol.hasInstance, { value: (one) => one instanceof Promise });`,
  "another Response": `const Native = Response;
    globalThis.Response = class extends Native {};`,
  "no Response but the own one": `const Kept = Response;
    Response = undefined;
    globalThis.restored = Kept;`,
  "no Request": "globalThis.Request = undefined;",
  "no Headers": "globalThis.Headers = undefined;",
  "no URL": "globalThis.URL = undefined;",
  "no AbortController": "globalThis.AbortController = undefined;",
  "no ReadableStream": "globalThis.ReadableStream = undefined;",
  "no TextEncoder": "globalThis.TextEncoder = globalThis.TextDecoder = undefined;",
  "another Promise": `const Native = Promise;
    globalThis.Promise = class extends Native {
      static race() { throw new Error("no"); }
      static resolve() { throw new Error("no"); }
      static withResolvers() { throw new Error("no"); }
    };`,
  "no console": "globalThis.console = undefined;",
  "a console that throws": "console.warn = console.error = () => { throw new Error('no') };",
  "a JSON that throws": "JSON.stringify = JSON.parse = () => { throw new Error('no') };",
  "no JSON": "globalThis.JSON = undefined;",
  "a clock that stands still": "Date.now = () => 0; performance.now = () => 0;",
  "a clock that gives no number": "Date.now = performance.now = () => NaN;",
  "a clock that runs backwards": "let at = 1e9; Date.now = performance.now = () => at -= 1000;",
  "no Date": "globalThis.Date = undefined;",
  "no performance": "globalThis.performance = undefined;",
  "no Buffer": "globalThis.Buffer = undefined;",

  "removeAllListeners()": "process.removeAllListeners();",
  'removeAllListeners("SIGTERM")': 'process.removeAllListeners("SIGTERM");',
  'removeAllListeners("message")': 'process.removeAllListeners("message");',
  'removeAllListeners("disconnect")': 'process.removeAllListeners("disconnect");',
  'removeAllListeners("uncaughtException")': `process.removeAllListeners("uncaughtException");
    process.removeAllListeners("unhandledRejection");`,
  'removeAllListeners("removeListener")': `process.removeAllListeners("removeListener");
    process.removeAllListeners("message");`,
  "all listeners taken off one by one": `for (const name of process.eventNames()) {
      for (const listener of process.listeners(name)) process.off(name, listener);
    }`,
};

/** It answers with what it kept from before it broke anything, and crashes where it is asked to. */
function handler(fault: string): string {
  return `const later = setTimeout;
const NativeResponse = Response;
const NativePromise = Promise;
const write = console.log;
${fault}
export const checks = { readiness: { fine: () => {} } };
export default {
  fetch(request) {
    const pathname = request.url.replace(/^\\w+:\\/\\/[^/]*/, "");
    if (pathname === "/crash") {
      later(() => { throw new Error("crashed on purpose"); });
    }
    if (pathname !== "/slow") return new NativeResponse("at once");
    write("asked");
    return new NativePromise((resolve) => later(() => resolve(new NativeResponse("late")), 1000));
  },
};
`;
}

/** The worker: the only process that Hurricane has started. */
function worker(hurricane: Hurricane): number {
  const [pid] = hurricane.children().filter((pid) => {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return new RegExp(`^PPid:\\t${hurricane.pid}$`, "m").test(status);
  });
  if (pid === undefined) throw new Error("there is no worker");
  return pid;
}

describe(`globals (${form})`, () => {
  for (const [name, fault] of Object.entries(faults)) {
    test(`${name}: it serves, outlives a SIGTERM to all, and stops when all is answered`, async () => {
      await using hurricane = await serve(handler(fault), {
        args: ["--access-log", "--request-timeout", "1m"],
      });
      assertEquals((await hurricane.get("/")).text, "at once");
      assertEquals((await hurricane.get("/x/y", { method: "POST", body: "x" })).text, "at once");
      await hurricane.probeUntil("/ready", 200);
      assertStringIncludes(
        (await hurricane.probe("/metrics")).text,
        "http_server_request_duration_seconds",
      );
      const slow = hurricane.get("/slow");
      slow.catch(() => {});
      await hurricane.printed("asked");
      process.kill(worker(hurricane), "SIGTERM");
      hurricane.signal("SIGTERM");
      assertEquals((await slow).text, "late");
      assertEquals((await hurricane.exited).code, 0);
      const wrong = hurricane.log.items.filter(({ level }) => level === "error");
      assertEquals(wrong, []);
    });
  }

  test("a crash is told, whoever has taken the listeners away", async () => {
    const fault = faults['removeAllListeners("uncaughtException")'] ?? "";
    await using hurricane = await serve(handler(fault));
    await hurricane.get("/crash").catch(() => {});
    await hurricane.logged(/^uncaught: Error: crashed on purpose/);
    await hurricane.logged(/up again/);
    assertEquals(await hurricane.stop(), 0);
  });

  for (const name of ["removeAllListeners()", 'removeAllListeners("disconnect")']) {
    test(`${name}: no worker outlives its supervisor`, async () => {
      await using hurricane = await serve(handler(faults[name] ?? ""));
      hurricane.signal("SIGKILL");
      await hurricane.exited;
      await eventually("the end of the worker", () => hurricane.children().length === 0);
    });
  }
});
