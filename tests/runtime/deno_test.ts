import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { request as httpRequest } from "node:http";
import { runtime } from "../../src/runtime/mod.ts";
import { describeRuntime, listening } from "./conformance.ts";

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

  test("does not tell how many requests it waits for", { skip }, async () => {
    await using server = await listening(() => new Response("x"));
    assertEquals(server.listener.pending(), undefined);
  });
});
