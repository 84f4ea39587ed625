/**
 * How a server of `node:http` that is adopted stops.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { Connection } from "../support/http.ts";
import { form, type Hurricane, serve } from "../support/hurricane.ts";
import { obligingNode } from "../support/node_handlers.ts";
import { assertUnharmed, Traffic } from "../support/traffic.ts";
import type { LogLine } from "../support/instance.ts";
import { eventually } from "../support/wait.ts";

const withExports = `${obligingNode}
export const onDrain = () => console.log("onDrain");
export const onShutdown = () => console.log("onShutdown");
`;

function release({ dir }: Hurricane): void {
  writeFileSync(join(dir, "release"), "");
}

/** Waits until so many requests have come to the handler. */
function held({ stdout }: Hurricane, count: number): Promise<unknown> {
  const holding = () => stdout.items.filter((line) => line === "holding").length;
  return eventually(`${count} in the handler`, () => holding() >= count);
}

/** A connection that asks for another protocol; what comes on it, and its end. */
function upgraded(url: string, protocol: string): Promise<{ got(): string; end: Promise<void> }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = "";
  const end = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  socket.setEncoding("latin1").on("error", () => {});
  socket.write(
    `GET / HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`,
  );
  return new Promise((resolve) => {
    socket.on("data", (part: string) => {
      text += part;
      if (text.endsWith("\r\n\r\n")) resolve({ got: () => text, end });
    });
  });
}

const reloads = 5;

/** Matches the line of the log that says so for the given time. */
function replaced(times: number): (line: LogLine, index: number) => boolean {
  let seen = 0;
  return ({ message }, index) => {
    if (index === 0) seen = 0;
    return message === "all processes of the handler are replaced" && ++seen === times;
  };
}

describe(`the stop of an adopted server of node:http (${form})`, () => {
  test("lets requests in flight finish, then calls onShutdown, then exits with 0", async () => {
    await using hurricane = await serve(withExports);
    const answer = hurricane.get("/held");
    await hurricane.printed("holding");
    const stream = await fetch(hurricane.url("/stream"));
    hurricane.signal("SIGTERM");
    await hurricane.probeUntil("/ready", 400);
    await hurricane.printed("onDrain");
    release(hurricane);
    assertEquals((await answer).text, "held");
    assertEquals(await stream.text(), "first last");
    assertEquals(await hurricane.exited, { code: 0, signal: null });
    assertEquals(hurricane.stdout.items, ["holding", "onDrain", "answering", "onShutdown"]);
    assertFalse(hurricane.log.items.some(({ level }) => level === "warn" || level === "error"));
    assertEquals(hurricane.stderr.items.length, hurricane.log.items.length);
  });

  test("asks each client to go, whatever the application says of the connection", async () => {
    await using hurricane = await serve(withExports, { args: ["--shutdown-delay=1h"] });
    const paths = ["/held", "/kept", "/kept-head", "/kept-list"];
    const clients = await Promise.all(paths.map(() => Connection.open(hurricane.url())));
    using late = await Connection.open(hurricane.url());
    assertFalse((await late.get("/")).headers.connection === "close");
    clients.forEach((client, index) => client.send(paths[index]!));
    await held(hurricane, paths.length);
    hurricane.signal("SIGTERM");
    await hurricane.printed("onDrain");
    release(hurricane);
    for (const [index, client] of clients.entries()) {
      const { status, headers } = await client.answer();
      assertEquals([paths[index], status, headers.connection?.toLowerCase()], [
        paths[index],
        200,
        "close",
      ]);
      assertEquals(await client.closed, undefined);
    }
    const { status, headers } = await late.get("/kept");
    assertEquals([status, headers.connection?.toLowerCase()], [200, "close"]);
    assertEquals(await late.closed, undefined);
  });

  test("is not held up by connections that are idle, also by one that never asked", async () => {
    await using hurricane = await serve(obligingNode, { args: ["--shutdown-timeout=1h"] });
    using idle = await Connection.open(hurricane.url());
    assertEquals((await idle.get("/")).text, "hello");
    using _silent = await Connection.open(hurricane.url());
    using half = await Connection.open(hurricane.url());
    half.send("/held");
    await hurricane.printed("holding");
    hurricane.signal("SIGTERM");
    await hurricane.probeUntil("/ready", 400);
    await idle.closed;
    release(hurricane);
    assertEquals((await half.answer()).text, "held");
    assertEquals(await hurricane.exited, { code: 0, signal: null });
  });

  test("cuts off what outlives --shutdown-timeout, counts it, and exits with 1", async () => {
    await using hurricane = await serve(withExports, { args: ["--shutdown-timeout=500ms"] });
    const clients = await Promise.all([1, 2, 3].map(() => Connection.open(hurricane.url())));
    clients[0]!.send("/never");
    clients[1]!.send("/sse");
    clients[2]!.send("/sse");
    await hurricane.printed("never");
    await hurricane.stdout.until("both streams", (_, index) => index === 2);
    assertEquals(await hurricane.stop(), 1);
    for (const client of clients) await client.closed;
    await hurricane.logged(/\b3 requests were cut off/);
    assert(hurricane.stdout.items.includes("onShutdown"));
  });

  test("tells WebSockets that it goes away, and waits for no other protocol for ever", async () => {
    await using hurricane = await serve(obligingNode, { args: ["--shutdown-timeout=500ms"] });
    const webSocket = new WebSocket(hurricane.url().replace("http", "ws"));
    const closed = new Promise<CloseEvent>((resolve) =>
      webSocket.addEventListener("close", resolve)
    );
    await new Promise((resolve) => webSocket.addEventListener("open", resolve));
    const raw = await upgraded(hurricane.url(), "raw");
    hurricane.signal("SIGTERM");
    assertEquals((await closed).code, 1001);
    await raw.end;
    assertMatch(raw.got(), /^HTTP\/1.1 101 /);
    assertEquals((await hurricane.exited).code, 1);
    await hurricane.logged(/\b1 request was cut off/);
  });

  test("closes a WebSocket alone without waiting", async () => {
    await using hurricane = await serve(obligingNode, { args: ["--shutdown-timeout=1h"] });
    const webSocket = new WebSocket(hurricane.url().replace("http", "ws"));
    const closed = new Promise<CloseEvent>((resolve) =>
      webSocket.addEventListener("close", resolve)
    );
    await new Promise((resolve) => webSocket.addEventListener("open", resolve));
    assertEquals(await hurricane.stop(), 0);
    assertEquals((await closed).code, 1001);
  });

  test("lets an upload finish", async () => {
    await using hurricane = await serve(obligingNode);
    const { hostname, port } = new URL(hurricane.url());
    const socket = connect(Number(port), hostname);
    let got = "";
    const end = new Promise((resolve) => socket.on("close", resolve));
    socket.setEncoding("latin1").on("data", (part) => got += part);
    socket.write("POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 20\r\n\r\n0123456789");
    await hurricane.printed("reading");
    hurricane.signal("SIGTERM");
    await hurricane.probeUntil("/ready", 400);
    socket.write("0123456789");
    await end;
    assertMatch(got, /^HTTP\/1.1 200 [^]*\r\n\r\n20$/);
    assertEquals((await hurricane.exited).code, 0);
  });

  test("loses no request in any of several reloads", async () => {
    await using hurricane = await serve(obligingNode, { args: ["--workers=2"] });
    await using traffic = new Traffic(hurricane.url());
    await traffic.load.more(50);
    for (let times = 1; times <= reloads; times++) {
      hurricane.signal("SIGHUP");
      await hurricane.log.until(`reload ${times}`, replaced(times));
    }
    await traffic.load.more(50);
    assertUnharmed(await traffic.stop(), hurricane.stderr.items.join("\n"));
    assertFalse(hurricane.log.items.some(({ level }) => level === "warn" || level === "error"));
    assertEquals(await hurricane.stop(), 0);
  });
});
