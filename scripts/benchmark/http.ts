/**
 * A client whose times can be trusted: a new connection for each request, as a kubelet's probes have,
 * and nothing between the socket and the clock.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { connect, createServer } from "node:net";

/** What a server answered. */
export interface Answer {
  status: number;
  /** The header fields, with their names in lower case. */
  headers: Map<string, string>;
  body: string;
  /** From before the connection to the first bytes of the answer. */
  milliseconds: number;
}

/** A request. */
export interface Ask {
  port: number;
  path: string;
  method?: string;
  body?: string;
  /** In milliseconds. */
  timeout?: number;
}

/** Sends a request; rejects where there is no whole answer in time (10 s). */
export function ask({ port, path, method = "GET", body, timeout = 10_000 }: Ask): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const started = performance.now();
  let first: number | undefined;
  const received: Uint8Array[] = [];
  const socket = connect({ port, host: "127.0.0.1" });
  const timer = setTimeout(() => {
    socket.destroy(new Error(`${path} was not answered within ${timeout} ms`));
  }, timeout);
  const content = body === undefined
    ? ""
    : `Content-Type: text/plain\r\nContent-Length: ${body.length}\r\n`;
  socket.write(
    `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n${content}\r\n` +
      (body ?? ""),
  );
  socket.on("data", (data) => {
    first ??= performance.now();
    received.push(data as Uint8Array);
  });
  socket.once("error", reject);
  socket.once("close", () => {
    clearTimeout(timer);
    const text = Buffer.concat(received).toString("latin1");
    if (first === undefined || !text.startsWith("HTTP/1.1 ")) {
      return reject(new Error(`${path} was not answered: the connection was closed`));
    }
    resolve({ ...parse(text), milliseconds: first - started });
  });
  return promise;
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}

function parse(text: string): Omit<Answer, "milliseconds"> {
  const end = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = new Map(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  const rest = text.slice(end + 4);
  const chunked = headers.get("transfer-encoding") === "chunked";
  return { status: Number(statusLine.split(" ")[1]), headers, body: chunked ? whole(rest) : rest };
}

/** The body that chunks make up: RFC 9112, section 7.1. */
function whole(chunks: string): string {
  let body = "";
  for (let at = 0;;) {
    const line = chunks.indexOf("\r\n", at);
    const size = parseInt(chunks.slice(at, line), 16);
    if (line < 0 || !(size > 0)) return body;
    body += chunks.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
}
