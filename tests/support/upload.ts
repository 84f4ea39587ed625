/**
 * Uploads whose client looks for an answer only when all is sent.
 *
 * @module
 */
import { connect } from "node:net";

const megabytes = 4;

/** What can be set for {@linkcode upload}. */
export interface Upload {
  version?: "1.0" | "1.1";
  headers?: Record<string, string>;
  /** Without a `Content-Length`. */
  chunked?: boolean;
  /** With a pause after each piece. */
  slowly?: boolean;
}

/**
 * Sends some megabytes, and looks for an answer only then, as proxies do.
 *
 * @returns the status line, and the error that there was
 */
export function upload(
  url: string,
  path: string,
  { version = "1.1", headers = {}, chunked = false, slowly = false }: Upload = {},
): Promise<string> {
  const { hostname, port } = new URL(url);
  const size = megabytes * 1024 * 1024;
  const all = {
    Host: "test",
    ...chunked ? { "Transfer-Encoding": "chunked" } : { "Content-Length": String(size) },
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const piece = "x".repeat(128 * 1024);
  const sent = chunked ? `${piece.length.toString(16)}\r\n${piece}\r\n` : piece;
  return new Promise((resolve) => {
    let answer = "";
    let trouble = "";
    const socket = connect(Number(port), hostname);
    const done = (): void => resolve(`${answer.split("\r\n")[0]}${trouble}`);
    socket.pause();
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      answer += chunk;
      if (answer.includes("\r\n\r\n")) socket.end();
    });
    socket.on("error", ({ message }) => trouble = ` ${message}`);
    socket.on("close", done);
    socket.write(`POST ${path} HTTP/${version}\r\n${lines}\r\n`);
    let left = size / piece.length;
    const next = (): void => {
      if (socket.destroyed) return;
      if (left-- > 0) {
        socket.write(sent, () => slowly ? setTimeout(next, 5) : next());
        return;
      }
      if (chunked) socket.write("0\r\n\r\n");
      socket.resume();
    };
    next();
  });
}
