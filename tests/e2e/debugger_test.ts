import { describe, test } from "node:test";
import {
  assert,
  assertEquals,
  assertGreater,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { join } from "node:path";
import { saying } from "../support/handlers.ts";
import { form, type Hurricane, launch, serve } from "../support/hurricane.ts";
import { Inspector, targetOf } from "../support/inspector.ts";
import { signal } from "../support/processes.ts";
import { Receiver } from "../support/receiver.ts";
import { eventually } from "../support/wait.ts";

const args = ["--debugger", "--debugger-port=0"];

const handler = `
import process from "node:process";

interface Kept {
  value: string;
}

const kept: Kept = { value: "only the handler's" };
Object.assign(globalThis, { kept });

export default {
  fetch(request: Request): Response {
    const { pathname } = new URL(request.url);
    if (pathname === "/pid") return new Response(String(process.pid));
    if (pathname === "/exit") process.exit(0);
    if (pathname === "/break") {
      const local: string = "a local";
      debugger;
      return new Response(local);
    }
    return new Response("hello");
  },
};
`;

/** Where the log says that the debugger is, in the line with this number that says so. */
async function debuggerUrl(hurricane: Hurricane, count = 1): Promise<URL> {
  await hurricane.log.until("a line about the debugger", () => lines().length >= count);
  return new URL(String(lines()[count - 1]?.["debuggerUrl"]));
  function lines() {
    return hurricane.log.items.filter(({ message }) => message.startsWith("debugger on "));
  }
}

async function attached(hurricane: Hurricane): Promise<Inspector> {
  const inspector = await Inspector.open((await debuggerUrl(hurricane)).href);
  await inspector.call("Runtime.enable");
  await inspector.call("Debugger.enable");
  return inspector;
}

/** Has the handler stop at its `debugger` statement. */
async function atBreakpoint(hurricane: Hurricane, inspector: Inspector) {
  const answered = hurricane.get("/break");
  const { params } = await inspector.event("Debugger.paused");
  const [frame] = params["callFrames"] as { callFrameId: string }[];
  return { answered, frame: frame?.callFrameId };
}

describe(`debugger (${form})`, () => {
  test("shows the handler's process, at the URL in the log and on the port", async () => {
    await using hurricane = await serve(handler, { args });
    const url = await debuggerUrl(hurricane);
    assertEquals(url.hostname, "127.0.0.1");
    assertEquals(await targetOf(Number(url.port)), url.href);
    using inspector = await Inspector.attach(Number(url.port));
    assertEquals(await inspector.evaluate("globalThis.kept.value"), "only the handler's");
    const pid = Number((await hurricane.get("/pid")).text);
    assertEquals(await inspector.evaluate("process.pid"), pid);
    assertNotEquals(pid, hurricane.pid);
    assertEquals(await hurricane.stop(), 0);
  });

  test("stops at a debugger statement and goes on, and liveness does not fail", async () => {
    await using hurricane = await serve(handler, { args: [...args, "--stall-timeout=500ms"] });
    using inspector = await attached(hurricane);
    const { answered, frame } = await atBreakpoint(hurricane, inspector);
    const { result } = await inspector.call("Debugger.evaluateOnCallFrame", {
      callFrameId: frame,
      expression: "local",
    });
    assertEquals((result as { value: unknown }).value, "a local");
    await eventually("the event loop to stand still for longer than the timeout", async () => {
      const { text } = await hurricane.probe("/metrics");
      return Number(/^hurricane_event_loop_delay_seconds (.*)$/m.exec(text)?.[1]) > 1;
    });
    for (const probe of ["/startup", "/ready", "/alive"]) {
      assertEquals((await hurricane.probe(probe)).status, 200, probe);
    }
    await inspector.call("Debugger.resume");
    assertEquals((await answered).text, "a local");
    assertEquals(await hurricane.stop(), 0);
  });

  test("stops at the next thing that runs when it is asked to", async () => {
    await using hurricane = await serve(handler, { args });
    using inspector = await attached(hurricane);
    await inspector.call("Debugger.pause");
    const answered = hurricane.get();
    await inspector.event("Debugger.paused");
    await inspector.call("Debugger.resume");
    assertEquals((await answered).text, "hello");
  });

  test("shows TypeScript as it was written", async () => {
    await using hurricane = await serve(handler, { args });
    using inspector = await attached(hurricane);
    const { params } = await inspector.events.until(
      "the handler",
      ({ method, params }) =>
        method === "Debugger.scriptParsed" &&
        String(params["url"]).endsWith(join(hurricane.dir, "handler.ts")),
    );
    const [, map = ""] = /base64,(.*)$/.exec(String(params["sourceMapURL"])) ?? [];
    assertEquals(JSON.parse(atob(map)).sourcesContent, [handler]);
  });

  test("is back on the same port after an exit and after a crash, though debuggers were attached", async () => {
    await using hurricane = await serve(handler, { args });
    const first = await debuggerUrl(hurricane);
    using inspector = await attached(hurricane);
    // Deno would wait for its debugger.
    await hurricane.get("/exit").catch(() => {});
    await inspector.closed;
    const second = await debuggerUrl(hurricane, 2);
    assertEquals(second.port, first.port);
    using again = await Inspector.attach(Number(second.port));
    const pid = Number(await again.evaluate("process.pid"));
    assertEquals(pid, Number((await hurricane.get("/pid")).text));
    signal(pid, "SIGKILL");
    assertEquals((await debuggerUrl(hurricane, 3)).port, first.port);
    using third = await Inspector.attach(Number(first.port));
    assertNotEquals(await third.evaluate("process.pid"), pid);
    assertEquals(await hurricane.stop(), 0);
  });

  test("leads to the process that takes over from one at a breakpoint, which goes on", async () => {
    await using hurricane = await serve(handler, { args });
    const { port } = await debuggerUrl(hurricane);
    using inspector = await attached(hurricane);
    const pid = await inspector.evaluate("process.pid");
    const { answered } = await atBreakpoint(hurricane, inspector);
    hurricane.signal("SIGHUP");
    assertEquals((await debuggerUrl(hurricane, 2)).port, port);
    assertEquals((await answered).text, "a local");
    await inspector.closed;
    using again = await Inspector.attach(Number(port));
    assertNotEquals(await again.evaluate("process.pid"), pid);
    assertEquals(await hurricane.stop(), 0);
  });

  test("lets go of a handler at a breakpoint when it is told to stop", async () => {
    await using hurricane = await serve(handler, { args });
    using inspector = await attached(hurricane);
    const { answered } = await atBreakpoint(hurricane, inspector);
    await eventually("the event loop to be seen standing still", async () => {
      const { text } = await hurricane.probe("/metrics");
      return Number(/^hurricane_event_loop_delay_seconds (.*)$/m.exec(text)?.[1]) > 0.5;
    });
    assertEquals(await hurricane.stop(), 0);
    assertEquals((await answered).text, "a local");
    await inspector.closed;
  });

  test("adds nothing to the log but lines of the log", async () => {
    await using hurricane = await serve(handler, { args });
    using inspector = await attached(hurricane);
    inspector[Symbol.dispose]();
    await inspector.closed;
    assertEquals(await hurricane.stop(), 0);
    assertEquals(hurricane.stderr.items.length, hurricane.log.items.length);
    assertEquals(hurricane.stdout.items, []);
  });

  test("a port that is taken is a failed start, before a command has run", async () => {
    await using receiver = await Receiver.open();
    const { port } = new URL(receiver.url());
    await using hurricane = launch(saying("never"), {
      args: [
        ...["--debugger", `--debugger-port=${port}`, "--webhook-url", receiver.url()],
        ...["--command", "echo too early"],
      ],
    });
    assertEquals((await hurricane.exited).code, 1);
    const { message } = await hurricane.logged(/^cannot start: /);
    assertStringIncludes(message, `the debugger cannot listen on 127.0.0.1:${port}`);
    assertStringIncludes(message, "--debugger-port");
    const { payload } = await receiver.delivery("startup", "failed");
    assertStringIncludes(payload["error_trace"] ?? "", "--debugger-port");
    assert(!hurricane.log.items.some((line) => line.part === "commands"));
  });

  test("is refused with several workers", async () => {
    await using hurricane = launch(saying("never"), { args: [...args, "--workers", "2"] });
    assertEquals((await hurricane.exited).code, 2);
    assertEquals(hurricane.stderr.items.length, 1);
    const { message } = JSON.parse(hurricane.stderr.items[0] ?? "") as { message: string };
    assertMatch(message, /--debugger .*--workers "2"/);
  });

  test("is off by default, and warned of in Kubernetes", async () => {
    await using off = await serve(saying("hello"));
    assertEquals(await off.stop(), 0);
    assert(!off.log.items.some(({ message }) => message.includes("debugger")));
    const env = { KUBERNETES_SERVICE_HOST: "10.0.0.1" };
    await using on = await serve(saying("hello"), { args: [...args, "--shutdown-delay=0s"], env });
    assertEquals((await on.logged(/^the debugger is on in Kubernetes/)).level, "warn");
    assertGreater(Number((await debuggerUrl(on)).port), 0);
  });
});
