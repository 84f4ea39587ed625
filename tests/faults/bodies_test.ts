/**
 * Bodies that try to be longer than `--max-body-size`.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { createConnection } from "node:net";
import { form, serve } from "../support/hurricane.ts";

const limit = 1000;
const longer = 2 * limit;

const handlers = {
  "a fetch handler": `export default {
    async fetch(request) { return new Response("read " + (await request.bytes()).length); },
  };`,
  "node:http": `import { createServer } from "node:http";
    createServer(async (request, response) => {
      let read = 0;
      for await (const chunk of request) read += chunk.length;
      response.end("read " + read);
    }).listen(process.env.PORT);`,
};

/** What the client says of the length of a body that is twice as long as it may be. */
const faults: Record<string, string> = {
  "tells its length": `Content-Length: ${longer}`,
  "tells its length twice": `Content-Length: ${longer}\r\nContent-Length: ${longer}`,
  "tells its length three times":
    `Content-Length: ${longer}\r\nContent-Length: ${longer}\r\ncontent-length: ${longer}`,
  "tells its length as a list": `Content-Length: ${longer}, ${longer}`,
  "tells two lengths": `Content-Length: 1\r\nContent-Length: ${longer}`,
  "tells a length with a sign": `Content-Length: +${longer}`,
  "tells a length as a power": "Content-Length: 2e3",
  "tells no length": "Transfer-Encoding: chunked",
  "tells a length and comes in chunks": `Content-Length: 1\r\nTransfer-Encoding: chunked`,
};

/** The status that a body gets, or "closed" where the connection is closed without one. */
function send(url: string, header: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const body = "x".repeat(longer);
  const sent = /chunked/.test(header) ? `${longer.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body;
  return new Promise((resolve) => {
    let answer = "";
    const socket = createConnection(Number(port), hostname);
    socket.on("error", () => {});
    socket.on("close", () => resolve(answer.split(" ")[1] ?? "closed"));
    socket.setEncoding("latin1").on("data", (text: string) => answer += text);
    socket.write(`POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n${header}\r\n\r\n${sent}`);
  });
}

for (const [kind, handler] of Object.entries(handlers)) {
  describe(`bodies, ${kind} (${form})`, () => {
    test("one that is too long is 413, or 400 where its length is none, and never read", async () => {
      await using hurricane = await serve(handler, { args: ["--max-body-size", String(limit)] });
      for (const [fault, header] of Object.entries(faults)) {
        const status = await send(hurricane.url(), header);
        // A runtime that refuses a head closes the connection with the body unread, which may be a reset.
        const allowed = ["tells its length", "tells no length"].includes(fault)
          ? ["413"]
          : ["400", "413", "closed"];
        assertEquals([fault, allowed.includes(status)], [fault, true], status);
      }
      assertEquals((await hurricane.get("/", { method: "POST", body: "short" })).text, "read 5");
    });
  });
}
