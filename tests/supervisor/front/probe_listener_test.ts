import { describe, test } from "node:test";
import { assertEquals, assertGreater, assertRejects, assertStringIncludes } from "@std/assert";
import { once } from "node:events";
import { connect } from "node:net";
import { ListenError } from "../../../src/app/listen_error.ts";
import { ProbeListener } from "../../../src/supervisor/front/probe_listener.ts";
import { request } from "../../support/http.ts";

const loopback = { hostname: "127.0.0.1", port: 0, reusePort: false };
const answer = () => new Response("probe");

async function listening(options: Partial<typeof loopback> = {}) {
  const listener = new ProbeListener(answer, { ...loopback, ...options });
  await listener.open();
  const url = `http://127.0.0.1:${listener.port}/`;
  return { listener, url, [Symbol.asyncDispose]: () => listener.close() };
}

describe("ProbeListener", () => {
  test("listens on the port that it picked, and keeps it when it is opened again", async () => {
    await using it = await listening();
    const { listener, url } = it;
    const { port } = listener;
    assertGreater(port, 0);
    assertEquals((await request(url)).text, "probe");
    await listener.close();
    await assertRejects(() => request(url));
    await listener.open();
    assertEquals(listener.port, port);
    assertEquals((await request(url)).text, "probe");
  });

  test("may be opened or closed twice", async () => {
    await using it = await listening();
    await it.listener.open();
    assertEquals((await request(it.url)).text, "probe");
    await it.listener.close();
    await it.listener.close();
    await assertRejects(() => request(it.url));
  });

  test("is in the end what it was told last, though the first is not done yet", async () => {
    const listener = new ProbeListener(answer, loopback);
    await Promise.all([listener.open(), listener.close()]);
    const url = `http://127.0.0.1:${listener.port}/`;
    await assertRejects(() => request(url));
    await Promise.all([listener.open(), listener.close(), listener.open()]);
    assertEquals((await request(url)).text, "probe");
    await Promise.all([listener.close(), listener.open(), listener.close()]);
    await assertRejects(() => request(url));
  });

  test("answers what it has been asked before it closes", async () => {
    const asked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<Response>();
    const listener = new ProbeListener(() => (asked.resolve(), gate.promise), loopback);
    await listener.open();
    const answered = request(`http://127.0.0.1:${listener.port}/`);
    await asked.promise;
    const closed = listener.close();
    gate.resolve(new Response("late"));
    assertEquals((await answered).text, "late");
    await closed;
  });

  const halves = {
    "head": "GET / HTTP/1.1\r\nHost: x\r\n",
    "body": "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nabc",
  };
  for (const [part, bytes] of Object.entries(halves)) {
    test(`closes though a client has sent half of a ${part}, and no more comes`, async () => {
      await using it = await listening();
      const client = connect(it.listener.port, "127.0.0.1");
      client.on("error", () => {});
      await once(client, "connect");
      await new Promise((resolve) => client.write(bytes, resolve));
      // Answered on another connection: what came before has been read.
      assertEquals((await request(it.url)).text, "probe");
      await it.listener.close();
      client.destroy();
    });
  }

  for (const reusePort of [false, true]) {
    test(`wants its port for itself at first${reusePort ? ", though it will share it" : ""}`, async () => {
      await using other = await listening({ reusePort: true });
      const { port } = other.listener;
      const listener = new ProbeListener(answer, { ...loopback, port, reusePort });
      const error = await assertRejects(() => listener.open(), ListenError);
      assertStringIncludes(error.message, `the probes cannot listen on 127.0.0.1:${port}`);
      assertStringIncludes(error.message, "--probe-port");
      assertEquals((await request(other.url)).text, "probe");
    });
  }

  test("opens a shared port again beside another listener", async () => {
    await using first = await listening();
    const { port } = first.listener;
    await first.listener.close();
    await using shared = await listening({ port, reusePort: true });
    await shared.listener.close();
    await using other = await listening({ port, reusePort: true });
    await shared.listener.open();
    assertEquals([shared.listener.port, other.listener.port], [port, port]);
  });
});
