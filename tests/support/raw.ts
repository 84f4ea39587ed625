/**
 * Requests as they are written, and answers as they come: `fetch` and `node:http` tidy up both.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import type { Answer } from "./http.ts";

/** What can be set for {@linkcode rawRequest}. */
export interface RawOptions {
  method?: string;
  headers?: Record<string, string>;
  /** `1.0` sends no `Host`. Default `1.1`. */
  version?: "1.0" | "1.1";
  /** What follows the head, as it is. */
  body?: string;
}

/** Sends a request with this very path on a connection of its own, and reads until that is closed. */
export function rawRequest(
  url: string | URL,
  path: string,
  { method = "GET", headers = {}, version = "1.1", body = "" }: RawOptions = {},
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const all = { ...(version === "1.0" ? {} : { Host: "test" }), Connection: "close", ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname);
    socket.on("error", reject);
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("close", () => resolve(parse(Buffer.concat(chunks))));
    socket.write(`${method} ${path} HTTP/${version}\r\n${lines}\r\n${body}`);
  });
}

function parse(bytes: Buffer): Answer {
  const end = bytes.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const headers: IncomingHttpHeaders = Object.fromEntries(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  const body = bytes.subarray(end + 4);
  const text = headers["transfer-encoding"] === "chunked" ? unchunked(body) : body.toString();
  return { status: Number(statusLine.split(" ")[1]), headers, text };
}

/** RFC 9112 §7.1, of ASCII texts. */
function unchunked(body: Buffer): string {
  let text = "";
  for (let rest = body.toString(); rest !== "";) {
    const [line = ""] = rest.split("\r\n", 1);
    const start = line.length + 2;
    const size = parseInt(line, 16);
    if (size === 0) break;
    text += rest.slice(start, start + size);
    rest = rest.slice(start + size + 2);
  }
  return text;
}
