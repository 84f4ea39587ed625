/**
 * What the pages of the examples do not show. What they show, `documents_test.ts` does.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assertEquals, assertNotEquals } from "@std/assert";
import { Webhook } from "standardwebhooks";
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

describe(`docs/examples/webhook-receiver (${form})`, () => {
  const body = JSON.stringify({ type: "readiness", status: "failed", error_trace: "why" });
  const secret = "whsec_c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IQ==";

  function signed(id: string, time: Date): RequestInit {
    const headers = {
      "webhook-id": id,
      "webhook-timestamp": `${Math.floor(time.getTime() / 1000)}`,
      "webhook-signature": new Webhook(secret).sign(id, time, body),
    };
    return { method: "POST", headers, body };
  }

  test("does once what was signed, and nothing that is old or forged", async () => {
    await using hurricane = await serve(read("docs/examples/webhook-receiver/handler.ts"), {
      files: { "webhook.key": `${secret}\n` },
      packages: ["standardwebhooks"],
    });
    const post = async (request: RequestInit) => (await fetch(hurricane.url(), request)).status;
    const first = signed("one", new Date());
    assertEquals(await post(first), 204);
    assertEquals(await post(first), 204);
    assertEquals(await post(signed("old", new Date(Date.now() - 10 * 60_000))), 401);
    assertEquals(await post({ ...signed("forged", new Date()), body: `${body} ` }), 401);
    assertEquals(await post(signed("two", new Date())), 204);
    assertEquals(await hurricane.stop(), 0);
    assertEquals(hurricane.stdout.items, [
      "readiness failed why",
      "refused: Message timestamp too old",
      "refused: No matching signature found",
      "readiness failed why",
    ]);
  });
});
