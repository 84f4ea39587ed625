import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { request as httpRequest } from "node:http";
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from "node:http2";
import { runtime } from "../../src/runtime/mod.ts";
import { certificate } from "../support/certificate.ts";
import { describeRuntime, listening } from "./conformance.ts";

/** One request on an HTTP/2 connection. Rejects where its answer has no end. */
function answerTo(client: ClientHttp2Session, path: string) {
  return new Promise<{ headers: IncomingHttpHeaders; text: string }>((resolve, reject) => {
    const stream = client.request({ ":path": path });
    let headers: IncomingHttpHeaders | undefined;
    let text = "";
    stream.once("response", (received) => headers = received);
    stream.setEncoding("utf8").on("data", (chunk: string) => text += chunk);
    stream.once("end", () => {
      if (headers === undefined) reject(new Error("the stream ended without an answer"));
      else resolve({ headers, text });
    });
    stream.once("error", reject);
    stream.end();
  });
}

/** Sends a body in chunks, whose length nobody knows beforehand. */
function sendChunks(url: string, ...chunks: string[]): Promise<string> {
  return new Promise((resolve) => {
    const sent = httpRequest(url, { agent: false, method: "POST" }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => text += chunk);
      response.on("end", () => resolve(`${response.statusCode} ${text}`));
      response.on("error", () => resolve("cut off"));
    });
    sent.on("error", () => resolve("cut off"));
    for (const chunk of chunks) sent.write(chunk);
    sent.end();
  });
}

describeRuntime("deno", (skip) => {
  test("takes over onListen, which is told the address", { skip }, async () => {
    const ports: unknown[] = [];
    const fields = {
      name: "it",
      onListen(this: { name: string }, { port }: { port: number }): void {
        ports.push(this.name, port);
      },
    };
    assertEquals(Object.keys(runtime.knownFields({ ...fields, websocket: {} })), ["onListen"]);
    await using server = await listening(() => new Response("x"), { fields });
    assertEquals(ports, ["it", server.listener.port]);
  });

  test("breaks off a body without a length that turns out too large", { skip }, async () => {
    const errors: string[] = [];
    await using server = await listening(async (request) => {
      try {
        return new Response(await request.text());
      } catch (error) {
        errors.push(String(error));
        return new Response("too large", { status: 413 });
      }
    }, { maxBodySize: 10 });
    assertEquals(await sendChunks(server.url, "12345", "67890"), "200 1234567890");
    assertEquals(errors, []);
    await sendChunks(server.url, "12345", "67890", "1");
    assertEquals(errors, [
      "BodyTooLarge: the request body is longer than 10 bytes (--max-body-size)",
    ]);
  });

  const { cert, key } = certificate();

  test("speaks HTTP/2, in which a connection is not closed by a header", { skip }, async () => {
    const handler = ({ headers }: Request): Response =>
      new Response(String(headers.has("host")), { headers: { connection: "close", "x-a": "b" } });
    await using server = await listening(handler, { tls: { cert, key } });
    const client = connect(server.url, { ca: cert });
    for (let times = 0; times < 2; times++) {
      const { headers, text } = await answerTo(client, "/");
      assertEquals([headers["x-a"], headers.connection, text], ["b", undefined, "false"]);
    }
    client.close();
  });

  test("answers what is in flight over HTTP/2 before it says that it goes", { skip }, async () => {
    const asked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<Response>();
    await using server = await listening(({ url }) => {
      if (!url.endsWith("/held")) return new Response("x");
      asked.resolve();
      return gate.promise;
    }, { tls: { cert, key } });
    const client = connect(server.url, { ca: cert });
    const left = new Promise<void>((resolve) => client.once("goaway", () => resolve()));
    const held = answerTo(client, "/held");
    await asked.promise;
    const stopped = server.listener.stop();
    // It goes on meanwhile: the client cannot be told to go elsewhere.
    assertEquals((await answerTo(client, "/")).text, "x");
    gate.resolve(new Response("late"));
    assertEquals((await held).text, "late");
    await Promise.all([left, stopped]);
  });

  test("says that it goes although something is always in flight", { skip }, async () => {
    const asked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<Response>();
    const handler = () => (asked.resolve(), gate.promise);
    await using server = await listening(handler, { tls: { cert, key } });
    const client = connect(server.url, { ca: cert });
    const left = new Promise<void>((resolve) => client.once("goaway", () => resolve()));
    const cut = answerTo(client, "/").catch(() => {});
    await asked.promise;
    const stopped = server.listener.stop(20);
    await left;
    gate.resolve(new Response("x"));
    await Promise.all([cut, stopped]);
  });

  test("does not tell how many requests it waits for", { skip }, async () => {
    await using server = await listening(() => new Response("x"));
    assertEquals(server.listener.pending(), undefined);
  });
});
