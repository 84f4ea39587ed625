/**
 * What the pages of the examples do not show. What they show, `documents_test.ts` does.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assertEquals, assertNotEquals } from "@std/assert";
import { read } from "../docs/markdown.ts";
import { form, type Hurricane, serve } from "../support/hurricane.ts";

describe(`docs/examples/live (${form})`, () => {
  const handler = read("docs/examples/live/handler.ts");

  /** A client of each kind, each of which has heard something. */
  async function clients(hurricane: Hurricane) {
    const socket = new WebSocket(hurricane.url("/socket").replace("http", "ws"));
    const heard = new Promise((resolve) => socket.onmessage = ({ data }) => resolve(data));
    const closed = new Promise<string>((resolve) =>
      socket.onclose = ({ code, reason }) => resolve(`${code} ${reason}`)
    );
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error("no WebSocket"));
    });
    const stream = await fetch(hurricane.url("/events"));
    const text = stream.text().catch((error: Error) => `cut off: ${error.name}`);
    socket.send("hello");
    assertEquals(await heard, "hello");
    return { closed, text };
  }

  test("a stop ends WebSocket and event stream, and cuts nothing off", async () => {
    await using hurricane = await serve(handler, { args: ["--shutdown-timeout", "1h"] });
    const { closed, text } = await clients(hurricane);
    assertEquals(await hurricane.stop(), 0);
    assertEquals(await closed, "1000 restarting");
    assertEquals(await text, ': welcome\n\ndata: "hello"\n\n');
    assertEquals(hurricane.log.items.filter(({ level }) => level !== "info"), []);
  });

  test("whoever comes while it drains is sent away as well", async () => {
    await using hurricane = await serve(handler, { args: ["--shutdown-delay", "1h"] });
    const { closed } = await clients(hurricane);
    hurricane.signal("SIGTERM");
    await closed;
    assertEquals(await (await fetch(hurricane.url("/events"))).text(), ": welcome\n\n");
    const socket = new WebSocket(hurricane.url("/socket").replace("http", "ws"));
    const code = await new Promise((resolve) => socket.onclose = (event) => resolve(event.code));
    assertEquals(code, 1000);
  });

  test("without onDrain, the stream is cut off", async () => {
    const without = handler.replace("export function onDrain", "export function notCalled");
    assertNotEquals(without, handler);
    await using hurricane = await serve(without, { args: ["--shutdown-timeout", "100ms"] });
    const { closed, text } = await clients(hurricane);
    assertEquals(await hurricane.stop(), 1);
    // Hurricane's own: going away.
    assertEquals((await closed).slice(0, 4), "1001");
    assertEquals((await text).slice(0, 7), "cut off");
  });
});
