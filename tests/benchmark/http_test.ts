import { describe, test } from "node:test";
import { assertEquals, assertGreater, assertRejects } from "@std/assert";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { ask } from "../../scripts/benchmark/http.ts";

/** Answers a connection with these bytes and closes it. */
async function answering(bytes: string): Promise<{ port: number; close(): void }> {
  const server = createServer((socket) => {
    socket.once("data", () => socket.end(bytes));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

describe("ask", () => {
  const bodies: Record<string, string> = {
    "a length": "Content-Length: 5\r\n\r\nhello",
    "chunks": "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
  };
  for (const [name, rest] of Object.entries(bodies)) {
    test(`reads an answer with ${name}`, async () => {
      const { port, close } = await answering(`HTTP/1.1 200 OK\r\nX-A: b\r\n${rest}`);
      const { status, headers, body, milliseconds } = await ask({ port, path: "/" });
      close();
      assertEquals([status, headers.get("x-a"), body], [200, "b", "hello"]);
      assertGreater(milliseconds, 0);
    });
  }

  test("rejects where there is none", async () => {
    const { port, close } = await answering("");
    await assertRejects(() => ask({ port, path: "/a" }), Error, "/a was not answered");
    close();
    await assertRejects(() => ask({ port, path: "/a" }), Error, "ECONNREFUSED");
  });
});
