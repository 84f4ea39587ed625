/**
 * Requests that the proxy of `--watch` could change on their way, or answer in the handler's place.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { createConnection } from "node:net";
import { form, serve } from "../support/hurricane.ts";
import { rawRequest } from "../support/raw.ts";

const handler = `export default {
  async fetch(request) {
    const body = await request.text();
    const headers = [...request.headers].map(([name, value]) => name + ": " + value);
    return new Response(headers.join("\\n") + "\\nread " + body.length);
  },
};`;

/** Sends a body in chunks of 64 KiB, whatever comes back meanwhile, and gives the status. */
function upload(url: string, chunks: number): Promise<string> {
  const { hostname, port } = new URL(url);
  const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
  return new Promise((resolve) => {
    let answer = "";
    const socket = createConnection(Number(port), hostname);
    socket.on("error", () => {});
    socket.on("close", () => resolve(answer.split(" ")[1] ?? "closed"));
    socket.setEncoding("latin1").on("data", (text: string) => answer += text);
    socket.write(
      "POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    let left = chunks;
    const more = (): void => {
      while (left-- > 0) if (!socket.write(chunk)) return void socket.once("drain", more);
      socket.write("0\r\n\r\n");
    };
    more();
  });
}

describe(`--watch (${form})`, () => {
  test("a body in chunks that is too long is 413, as it is without --watch", async () => {
    await using hurricane = await serve(handler, {
      args: ["--watch", "--max-body-size", "200000"],
    });
    for (const chunks of [4, 16, 160, 1100]) {
      assertEquals([chunks, await upload(hurricane.url(), chunks)], [chunks, "413"]);
    }
    assertEquals(await upload(hurricane.url(), 3), "200");
    assertEquals(await hurricane.stop(), 0);
  });

  test("a header that Connection names stays on that connection, but for what the message needs", async () => {
    await using hurricane = await serve(handler, { args: ["--watch"] });
    const { text } = await rawRequest(hurricane.url(), "/", {
      method: "POST",
      headers: {
        Connection: "close, X-Hop,content-length , Host",
        "X-Hop": "1",
        "X-End": "2",
        "Content-Length": "3",
        Host: "here",
      },
      body: "abc",
    });
    assertFalse(/x-hop/i.test(text), text);
    assertStringIncludes(text, "x-end: 2");
    assertStringIncludes(text, "host: here");
    assertStringIncludes(text, "read 3");
    assertEquals(await hurricane.stop(), 0);
  });
});
