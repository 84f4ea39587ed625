/**
 * How long connections may be silent, while something is asked of them and in between.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { connect } from "node:net";
import { form, runtime, serve } from "../support/hurricane.ts";
import { Connection } from "../support/http.ts";
import { Feed } from "../support/wait.ts";

/** Longer than Bun's timer takes for a second: it has steps of four seconds. */
const silence = 9000;

/** Is silent for long wherever one can be, and so is its client in an upload. */
const silent = `
const silence = () => new Promise((resolve) => setTimeout(resolve, ${silence}));
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    console.log(pathname);
    if (pathname === "/waits") await silence();
    if (pathname === "/upload") return new Response("got " + await request.text());
    if (!pathname.endsWith("/stream")) return new Response("done");
    if (pathname === "/waits/stream") await silence();
    return new Response(new ReadableStream({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode("first"));
        await silence();
        controller.enqueue(new TextEncoder().encode("last"));
        controller.close();
      },
    }));
  },
};`;

/** A connection, and what comes on it. */
class Raw implements Disposable {
  readonly #socket;
  readonly #chunks = new Feed<string>();
  readonly closed: Promise<void>;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#socket = connect(Number(port), hostname);
    this.#socket.setEncoding("latin1").on("data", (chunk: string) => this.#chunks.push(chunk));
    this.#socket.on("error", () => {});
    this.closed = new Promise((resolve) =>
      this.#socket.on("close", () => {
        this.#chunks.end();
        resolve();
      })
    );
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  /** Waits until the end of what has come looks like that. */
  async until(end: RegExp): Promise<string> {
    await this.#chunks.until(String(end), () => end.test(this.#chunks.items.join("")));
    return this.#chunks.items.join("");
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

describe(`idle connections (${form})`, () => {
  test("nothing that is in progress is cut off for its silence, also while draining", async () => {
    await using hurricane = await serve(silent, { args: ["--idle-timeout", "1s"] });
    const paths = ["/waits", "/stream", "/waits/stream"];
    const clients = paths.map((path) => {
      const client = new Raw(hurricane.url());
      client.send(`GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`);
      return client;
    });
    using upload = new Raw(hurricane.url());
    upload.send("POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nsl");
    setTimeout(() => upload.send("ow"), silence);
    for (const path of [...paths, "/upload"]) await hurricane.printed(path);
    hurricane.signal("SIGTERM");
    const ends = [/\r\n\r\ndone$/, /last\r\n0\r\n\r\n$/, /last\r\n0\r\n\r\n$/];
    for (const [index, client] of clients.entries()) {
      assertMatch(await client.until(ends[index]!), /^HTTP\/1\.1 200 /);
      client[Symbol.dispose]();
    }
    await upload.until(/got slow$/);
    assertEquals((await hurricane.exited).code, 0);
  });

  test("--idle-timeout closes what is idle between requests, whatever was asked before", async () => {
    await using hurricane = await serve(silent, { args: ["--idle-timeout", "1s"] });
    const streamed = ["/stream", "/waits/stream"].map((path) => {
      const client = new Raw(hurricane.url());
      client.send(`GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`);
      return client.until(/last\r\n0\r\n\r\n$/).then(() => client.closed);
    });
    const answered = ["/", "/waits"].map(async (path) => {
      const client = await Connection.open(hurricane.url());
      assertEquals((await client.get(path)).text, "done");
      return client.closed;
    });
    await Promise.all([new Raw(hurricane.url()).closed, ...streamed, ...answered]);
    assertEquals(await hurricane.stop(), 0);
  });

  test("a WebSocket is not idle, however silent it is", {
    skip: runtime !== "deno" && "Bun has an idleTimeout of its own for them",
  }, async () => {
    const upgrading = `export default {
      fetch(request) {
        const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
        socket.onmessage = ({ data }) => socket.send("got " + data);
        return response;
      },
    };`;
    await using hurricane = await serve(upgrading, { args: ["--idle-timeout", "1s"] });
    const socket = new WebSocket(hurricane.url().replace("http", "ws"));
    const got = Promise.withResolvers<unknown>();
    socket.onmessage = ({ data }) => got.resolve(data);
    socket.onclose = () => got.reject(new Error("it was closed"));
    got.promise.catch(() => {});
    await new Promise((resolve) => socket.onopen = resolve);
    // As long as it takes to close one that is idle.
    await new Raw(hurricane.url()).closed;
    await new Raw(hurricane.url()).closed;
    socket.send("it");
    assertEquals(await got.promise, "got it");
    socket.onclose = null;
    socket.close();
    assertEquals(await hurricane.stop(), 0);
  });
});
