import { describe, test } from "node:test";
import { assertEquals, assertGreater, assertRejects, assertStringIncludes } from "@std/assert";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { ListenError } from "../../../src/app/listen_error.ts";
import { standsStillAfter } from "../../../src/timeline.ts";
import { DebuggerPort } from "../../../src/supervisor/development/debugger_port.ts";
import { saying } from "../../support/handlers.ts";
import { request } from "../../support/http.ts";
import { Inspector } from "../../support/inspector.ts";
import { rawRequest } from "../../support/raw.ts";
import { eventually } from "../../support/wait.ts";
import { RunningApp } from "../../support/workers.ts";

const breaking = `
  export default {
    fetch() {
      debugger;
      return new Response("went on");
    },
  };`;

function start(source = saying("x")): Promise<RunningApp> {
  return RunningApp.start(source, { inspector: true });
}

async function opened() {
  const it = new DebuggerPort(0);
  await it.open();
  return Object.assign(it, { [Symbol.dispose]: () => it.close() });
}

async function pidAt(port: number): Promise<unknown> {
  using inspector = await Inspector.attach(port);
  return await inspector.evaluate("process.pid");
}

/** The status of an answer, after which the connection may stay open. */
async function statusOf(
  port: number,
  path: string,
  headers: Record<string, string>,
): Promise<number> {
  const socket = connect(port, "127.0.0.1");
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.write(`GET ${path} HTTP/1.1\r\n${lines}\r\n`);
  const [chunk] = await once(socket, "data");
  socket.destroy();
  return Number(String(chunk).split(" ")[1]);
}

/** A request that stops at the handler's `debugger` statement, under a debugger that stays. */
async function held(app: RunningApp, port: number) {
  const inspector = await Inspector.attach(port);
  await inspector.call("Debugger.enable");
  const answered = request(app.url());
  await inspector.event("Debugger.paused");
  return { inspector, answered };
}

describe("DebuggerPort", () => {
  test("leads to the inspector of the worker", async () => {
    await using app = await start();
    using debuggers = await opened();
    debuggers.follow(app.worker);
    assertGreater(debuggers.port, 0);
    assertEquals(await pidAt(debuggers.port), app.worker.pid);
    assertEquals(await pidAt(debuggers.port), app.worker.pid);
  });

  test("leads to the next worker while the one before still runs, and lets that go on", async () => {
    await using before = await start(breaking);
    await using after = await start();
    using debuggers = await opened();
    debuggers.follow(before.worker);
    const { inspector, answered } = await held(before, debuggers.port);
    debuggers.follow(after.worker);
    await inspector.closed;
    assertEquals((await answered).text, "went on");
    assertEquals(await pidAt(debuggers.port), after.worker.pid);
    before.worker.kill();
    await before.worker.exit;
    assertEquals(await pidAt(debuggers.port), after.worker.pid);
  });

  test("leads nowhere once the worker has ended, whoever gets its inspector's port", async () => {
    await using app = await start();
    using debuggers = await opened();
    await assertRejects(() => Inspector.attach(debuggers.port));
    debuggers.follow(app.worker);
    const inspector = await Inspector.attach(debuggers.port);
    app.worker.kill();
    await app.worker.exit;
    await inspector.closed;
    let strangers = 0;
    const stranger = createServer((socket) => {
      strangers++;
      socket.destroy();
    });
    stranger.listen(Number(new URL(app.worker.address.inspector ?? "").port), "127.0.0.1");
    await once(stranger, "listening");
    await assertRejects(() => Inspector.attach(debuggers.port));
    assertEquals(strangers, 0);
    stranger.close();
  });

  test("lets a worker go on that is at a breakpoint, and no other debugger go", async () => {
    await using app = await start(breaking);
    using debuggers = await opened();
    debuggers.follow(app.worker);
    const { inspector, answered } = await held(app, debuggers.port);
    await eventually("it to be seen standing still", () => app.worker.silence > standsStillAfter);
    debuggers.resume();
    assertEquals((await answered).text, "went on");
    await inspector.closed;
    await eventually("its event loop to turn", () => app.worker.silence < standsStillAfter);
    using another = await Inspector.attach(debuggers.port);
    debuggers.resume();
    assertEquals(await another.evaluate("1 + 1"), 2);
  });

  test("lets no page in, and nobody by another name", async () => {
    await using app = await start();
    using debuggers = await opened();
    debuggers.follow(app.worker);
    const url = `http://127.0.0.1:${debuggers.port}`;
    const path = new URL(app.worker.address.inspector ?? "").pathname;
    const refused: Record<string, string>[] = [
      { Origin: "http://evil.example" },
      { Origin: "https://evil.example:9229" },
      { Origin: "HTTPS://evil.example" },
      { Origin: "null" },
      { Origin: "" },
      { Host: "evil.example" },
      { Host: `evil.example:${debuggers.port}` },
      { Host: "localhost.evil.example" },
      { Host: "127.0.0.1.evil.example" },
    ];
    for (const headers of refused) {
      const { status } = await rawRequest(url, path, {
        headers: { Host: "localhost", ...headers },
      });
      assertEquals([headers, status], [headers, 403]);
    }
    const upgrade = {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    const allowed: Record<string, string>[] = [
      {},
      { Origin: "devtools://devtools" },
      { Host: `[::1]:${debuggers.port}` },
      { Host: "127.0.0.1" },
    ];
    for (const headers of allowed) {
      const all = { Host: `localhost:${debuggers.port}`, ...upgrade, ...headers };
      assertEquals([headers, await statusOf(debuggers.port, path, all)], [headers, 101]);
    }
  });

  test("refuses a port that is taken, and names the option", async () => {
    using first = await opened();
    const second = new DebuggerPort(first.port);
    const error = await assertRejects(() => second.open(), ListenError);
    assertStringIncludes(error.message, `the debugger cannot listen on 127.0.0.1:${first.port}`);
    assertStringIncludes(error.message, "--debugger-port");
  });

  test("detaches who is attached when it closes, and gives the port back", async () => {
    await using app = await start();
    const debuggers = await opened();
    debuggers.follow(app.worker);
    const inspector = await Inspector.attach(debuggers.port);
    debuggers.close();
    debuggers.close();
    await inspector.closed;
    const again = new DebuggerPort(debuggers.port);
    await again.open();
    again.close();
  });
});
