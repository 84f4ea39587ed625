import { describe, test } from "node:test";
import { assertEquals, assertFalse, assertMatch, assertRejects } from "@std/assert";
import { handlerFrom } from "../../../src/app/handler.ts";
import type { TlsFiles } from "../../../src/app/tls.ts";
import type { FetchHandler } from "../../../src/runtime/runtime.ts";
import { ReloadProxy } from "../../../src/supervisor/development/reload_proxy.ts";
import { LocalApp } from "../../../src/supervisor/process/local_app.ts";
import { certificate } from "../../support/certificate.ts";
import { Connection, request } from "../../support/http.ts";
import { rawRequest } from "../../support/raw.ts";
import { eventually } from "../../support/wait.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { appOptions } from "../../support/workers.ts";

/** Longer than any body here. */
const limit = 2 ** 20;

/** A front and the worker behind it, which can be changed. */
class Changing implements AsyncDisposable {
  worker: LocalApp | undefined;
  trouble: string | undefined;
  /** How often a request was to be passed on. */
  looks = 0;
  readonly front: ReloadProxy;
  readonly #tls: TlsFiles | undefined;
  readonly #all: LocalApp[] = [];

  constructor(tls?: TlsFiles) {
    this.#tls = tls;
    this.front = new ReloadProxy(() => (this.looks++, this.worker), () => this.trouble, limit, tls);
  }

  static async open(handler?: FetchHandler, tls?: TlsFiles): Promise<Changing> {
    const it = new Changing(tls);
    await it.front.open("127.0.0.1", 0);
    if (handler !== undefined) await it.change(handler);
    return it;
  }

  get url(): string {
    return `http${this.#tls === undefined ? "" : "s"}://localhost:${this.front.port}`;
  }

  async change(handler: FetchHandler): Promise<LocalApp> {
    const options = { ...appOptions, ...(this.#tls && { tls: this.#tls }) };
    const worker = new LocalApp(handlerFrom("it", { default: handler }), options);
    await worker.listen(0);
    this.#all.push(worker);
    this.worker = worker;
    this.front.retry();
    return worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.front.close();
    this.front.abort();
    for (const worker of this.#all) await worker.stop(0);
  }
}

const saying = (text: string): FetchHandler => () => new Response(text);

describe("ReloadProxy", () => {
  test("passes on method, path, headers and body, and the answer as it is", async () => {
    await using it = await Changing.open(async (asked) => {
      const headers = new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-a", "ä"]]);
      const { pathname, search, host } = new URL(asked.url);
      const said = [asked.method, pathname, search, host, asked.headers.get("x-b")];
      return new Response(`${said.join(" ")} ${await asked.text()}`, { status: 418, headers });
    });
    const body = "x".repeat(200_000);
    const options = { method: "PUT", headers: { "x-b": "c", host: "example:1" }, body };
    const { status, headers, text } = await request(`${it.url}/a/b?c=d`, options);
    assertEquals([status, text], [418, `PUT /a/b ?c=d example:1 c ${body}`]);
    assertEquals(headers["set-cookie"], ["a=1", "b=2"]);
  });

  test("passes on a request of HTTP/1.0 that names no host", async () => {
    await using it = await Changing.open((asked) => new Response(new URL(asked.url).pathname));
    const { status, text } = await rawRequest(it.url, "/a/b", { version: "1.0" });
    assertEquals([status, text], [200, "/a/b"]);
  });

  for (const method of ["PUT", "POST", "DELETE", "GET"]) {
    test(`makes no body of none for ${method}`, async () => {
      await using it = await Changing.open(async (asked) => {
        const length = (await asked.text()).length;
        return new Response(`${asked.headers.get("transfer-encoding")} ${length}`);
      });
      const { text } = await rawRequest(it.url, "/", { method });
      assertEquals(text, "null 0");
    });
  }

  test("passes on an answer that comes before the upload has been read", async () => {
    await using it = await Changing.open(() => new Response("no", { status: 413 }));
    using client = await Connection.open(it.url);
    client.post("/", 5_000_000);
    const { status, text } = await client.answer();
    assertEquals([status, text], [413, "no"]);
  });

  test("streams the answer while it is made", async () => {
    const gate = Promise.withResolvers<void>();
    await using it = await Changing.open(() =>
      new Response(
        new ReadableStream({
          async start(controller): Promise<void> {
            controller.enqueue(new TextEncoder().encode("first "));
            await gate.promise;
            controller.enqueue(new TextEncoder().encode("last"));
            controller.close();
          },
        }),
      )
    );
    const reader = (await fetch(it.url)).body!.getReader();
    assertEquals(new TextDecoder().decode((await reader.read()).value), "first ");
    gate.resolve();
    assertEquals(new TextDecoder().decode((await reader.read()).value), "last");
    assertEquals((await reader.read()).done, true);
  });

  test("speaks TLS where the handler does, on connections that stay as well", async () => {
    using dir = new TempDir();
    const { cert, key } = certificate();
    const files = { cert: dir.file("tls.crt", cert), key: dir.file("tls.key", key) };
    await using it = await Changing.open(({ url }) => new Response(url), files);
    assertEquals((await request(`${it.url}/a`, { ca: cert })).text, `${it.url}/a`);
    using client = await Connection.open(it.url, cert);
    assertEquals((await client.get("/")).text, "https://test/");
    await it.change(saying("new"));
    assertEquals((await client.get("/")).text, "new");
  });

  test("takes a connection that is open to the new worker", async () => {
    await using it = await Changing.open(saying("old"));
    using client = await Connection.open(it.url);
    const { text, headers } = await client.get("/");
    assertEquals(text, "old");
    assertFalse(headers.connection === "close");
    await it.change(saying("new"));
    assertEquals((await client.get("/")).text, "new");
  });

  test("lets requests wait until there is a worker", async () => {
    await using it = await Changing.open();
    const waiting = [1, 2, 3].map(() => request(it.url));
    await it.change(saying("at last"));
    assertEquals((await Promise.all(waiting)).map(({ text }) => text), [
      "at last",
      "at last",
      "at last",
    ]);
  });

  test("says why there will be none, until there is one", async () => {
    await using it = await Changing.open();
    const waiting = request(it.url);
    it.trouble = "SyntaxError: x";
    it.front.retry();
    const { status, text, headers } = await waiting;
    assertEquals([status, text, headers["cache-control"]], [503, "SyntaxError: x\n", "no-store"]);
    await it.change(saying("mended"));
    assertEquals((await request(it.url)).text, "mended");
  });

  test("knows when a worker has begun all its answers", async () => {
    const gate = Promise.withResolvers<Response>();
    const asked = Promise.withResolvers<void>();
    await using it = await Changing.open(() => (asked.resolve(), gate.promise));
    const old = it.worker!;
    const answered = request(it.url);
    await asked.promise;
    const { front } = it;
    await it.change(saying("new"));
    let left = false;
    const leaving = front.left(old).then(() => left = true);
    assertEquals((await request(it.url)).text, "new");
    assertFalse(left);
    gate.resolve(new Response("late"));
    await leaving;
    assertEquals((await answered).text, "late");
    await front.left(old);
  });

  test("tells the handler that its client has gone", async () => {
    const gone = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    await using it = await Changing.open(({ signal }) => {
      signal.addEventListener("abort", () => gone.resolve());
      asked.resolve();
      return new Promise(() => {});
    });
    const client = await Connection.open(it.url);
    client.send("/");
    await asked.promise;
    client.close();
    await gone.promise;
  });

  test("refuses what comes on an open connection once it is closed", async () => {
    await using it = await Changing.open(saying("x"));
    using client = await Connection.open(it.url);
    await client.get("/");
    it.worker = undefined;
    const { looks } = it;
    client.send("/waits");
    await eventually("it to wait", () => it.looks > looks);
    it.front.close();
    assertEquals((await client.answer()).status, 503);
  });

  test("answers 503 for a worker that is gone", async () => {
    await using it = await Changing.open(saying("x"));
    await it.worker!.stop(0);
    const { status, text } = await request(it.url);
    assertEquals(status, 503);
    assertMatch(text, /^the handler's process gave no answer: /);
  });

  test("rejects where the port is taken, and says so", async () => {
    await using it = await Changing.open();
    const another = new ReloadProxy(() => undefined, () => undefined, limit);
    await assertRejects(
      () => another.open("127.0.0.1", it.front.port),
      Error,
      `127.0.0.1:${it.front.port}: the port is taken`,
    );
  });

  test("answers no more once it is closed", async () => {
    const it = await Changing.open(saying("x"));
    using client = await Connection.open(it.url);
    await client.get("/");
    await it[Symbol.asyncDispose]();
    await client.closed;
    await eventually("no listener", () => request(it.url).then(() => false, () => true));
  });
});
