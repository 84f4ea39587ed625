/**
 * Handlers that open a server of `node:http` themselves, as source text.
 *
 * @module
 */

/** Does what its path says, as `obliging` of `handlers.ts` does; see the table in it. */
export const obligingNode = `
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import process from "node:process";

const waitFor = async (file: string) => {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
};
type Answering = (req: IncomingMessage, res: ServerResponse, query: URLSearchParams) => unknown;
const paths: Record<string, Answering> = {
  "/": (_req, res) => res.end("hello"),
  "/pid": (_req, res) => res.end(String(process.pid)),
  // Answers when the file "release" exists.
  "/held": async (_req, res) => {
    console.log("holding");
    await waitFor("release");
    console.log("answering");
    res.end("held");
  },
  // As "/held", and asks its client in every way there is to keep the connection.
  "/kept": async (_req, res) => {
    console.log("holding");
    await waitFor("release");
    res.setHeader("Connection", "keep-alive");
    res.end("kept");
  },
  "/kept-head": async (_req, res) => {
    console.log("holding");
    await waitFor("release");
    res.writeHead(200, "OK", { "Connection": "keep-alive", "Content-Length": "4" });
    res.end("kept");
  },
  "/kept-list": async (_req, res) => {
    console.log("holding");
    await waitFor("release");
    res.writeHead(200, ["connection", "keep-alive", "content-length", "4"]);
    res.end("kept");
  },
  // Streams a first part at once and the rest when the file "release" exists.
  "/stream": async (_req, res) => {
    res.write("first ");
    await waitFor("release");
    res.end("last");
  },
  "/sse": (_req, res) => {
    res.writeHead(200, { "content-type": "text/event-stream" });
    res.write("data: hello\\n\\n");
    console.log("streaming");
  },
  "/never": () => console.log("never"),
  "/block": (_req, res, query) => {
    console.log("blocking");
    const end = Date.now() + Number(query.get("ms"));
    while (Date.now() < end);
    res.end("blocked");
  },
  "/throw": () => {
    throw new Error("secret of the handler");
  },
  "/throw-late": (_req, res) => {
    res.write("begun");
    throw new Error("secret of the stream");
  },
  // Three ways to read an upload, and one to leave it.
  "/upload": (req, res) => {
    let length = 0;
    console.log("reading");
    req.on("data", (chunk: Uint8Array) => length += chunk.length);
    req.on("end", () => res.end(String(length)));
  },
  "/told": (req, res) => {
    req.on("error", (error) => console.log("told " + error.name));
    req.resume().on("end", () => res.end("read"));
  },
  "/iterated": async (req, res) => {
    let length = 0;
    try {
      for await (const chunk of req) length += chunk.length;
      res.end(String(length));
    } catch (error) {
      console.log("thrown " + (error as Error).name);
    }
  },
  "/piped": (req, res) => req.pipe(res),
  "/unread": (_req, res) => res.end("early"),
  "/length": (_req, res) => {
    res.setHeader("content-length", 3);
    res.end("abc");
  },
  "/written": (_req, res) => {
    res.writeHead(201, { "Content-Length": 3 });
    res.end("abc");
  },
  "/204": (_req, res) => res.writeHead(204).end(),
  "/304": (_req, res) => res.writeHead(304).end(),
};
export const server = createServer((req, res) => {
  const { pathname, searchParams } = new URL(req.url ?? "/", "http://localhost");
  const answer = paths[pathname];
  if (answer !== undefined) return void answer(req, res, searchParams);
  res.statusCode = 404;
  res.end("not found");
});
// WebSockets that echo nothing but close as they should, and a protocol of its own.
server.on("upgrade", (req, socket) => {
  const key = req.headers["sec-websocket-key"];
  socket.on("error", () => {});
  if (req.url === "/refused") return void socket.end("HTTP/1.1 403 Forbidden\\r\\nContent-Length: 0\\r\\n\\r\\n");
  const head = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: " + req.headers.upgrade];
  if (key !== undefined) {
    const accept = createHash("sha1").update(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
    head.push("Sec-WebSocket-Accept: " + accept);
    socket.on("data", (frame: Uint8Array) => (frame[0]! & 15) === 8 && socket.end());
  }
  socket.write(head.join("\\r\\n") + "\\r\\n\\r\\n");
  console.log("upgraded");
});
server.listen(process.env["PORT"]);
`;
