/**
 * HTTP clients that hide nothing: one connection a request, and a raw connection that is kept.
 *
 * `fetch` pools connections, so a test of restarts or of draining would meet the pool's behaviour.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { type IncomingHttpHeaders, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { eventually, Feed } from "./wait.ts";

/** An answer that has arrived completely. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** What can be set for {@linkcode request}. */
export interface RequestOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** The certificate to trust, in PEM, where the URL is one of TLS. */
  ca?: string;
  /** The client's own certificate and key, where it has one. */
  client?: { cert: string; key: string };
}

/**
 * One request on a connection of its own.
 *
 * A test may wait for it later, or fail before: its failure is not unhandled then, which Bun would report
 * as one of the next test.
 */
export function request(url: string | URL, options: RequestOptions = {}): Promise<Answer> {
  const answered = new Promise<Answer>((resolve, reject) => {
    const send = new URL(url).protocol === "https:" ? httpsRequest : httpRequest;
    const sent = send(url, {
      agent: false,
      ca: options.ca,
      ...(options.client && { cert: options.client.cert, key: options.client.key }),
      method: options.method ?? "GET",
      headers: options.headers ?? {},
    }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }));
    });
    sent.on("error", reject);
    sent.end(options.body);
  });
  answered.catch(() => {});
  return answered;
}

/** A keep-alive connection, byte by byte. Answers must have a `Content-Length`. */
export class Connection {
  readonly #socket: Socket;
  readonly #answers = new Feed<Answer>();
  #unread = Buffer.alloc(0);
  #taken = 0;
  /** Resolves when the other side has closed, with the error if there was one. */
  readonly closed: Promise<Error | undefined>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#unread = Buffer.concat([this.#unread, chunk]);
      for (let answer = this.#parse(); answer; answer = this.#parse()) this.#answers.push(answer);
    });
    this.closed = new Promise((resolve) => {
      socket.once("error", (error: Error) => resolve(error));
      socket.once("close", () => {
        this.#answers.end();
        resolve(undefined);
      });
    });
  }

  /** Connects; rejects with the socket's error where nobody listens, or `ca` is not to be found. */
  static open(url: string | URL, ca?: string): Promise<Connection> {
    const { hostname, port, protocol } = new URL(url);
    return new Promise((resolve, reject) => {
      const host = hostname.replace(/^\[|\]$/g, "");
      const tls = protocol === "https:";
      const address = { host, port: Number(port) };
      const socket = tls ? connectTls({ ...address, ca }) : connect(address);
      socket.once("error", reject);
      socket.once(tls ? "secureConnect" : "connect", () => {
        socket.off("error", reject);
        resolve(new Connection(socket));
      });
    });
  }

  /** One on which a request is answered with this text: the kernel picks which worker has which. */
  static answeredWith(url: string, text: string): Promise<Connection> {
    return eventually(`a connection answered with ${text}`, async () => {
      const connection = await Connection.open(url);
      if ((await connection.get(new URL(url).pathname)).text === text) return connection;
      connection.close();
      return undefined;
    });
  }

  /** Sends a request without waiting for its answer. */
  send(path: string, headers: Record<string, string> = {}): void {
    this.#socket.write(head("GET", path, headers));
  }

  /** Sends so many requests, all at once. */
  sendAtOnce(path: string, count: number): void {
    this.#socket.write(head("GET", path, {}).repeat(count));
  }

  /** Sends a POST with a body of so many bytes, all at once. */
  post(path: string, length: number, headers: Record<string, string> = {}): void {
    const all = { ...headers, "Content-Length": String(length) };
    this.#socket.write(head("POST", path, all) + "x".repeat(length));
  }

  /** The next answer in order. */
  async answer(): Promise<Answer> {
    const number = ++this.#taken;
    const answers = await this.#answers.first(number);
    return answers[number - 1] as Answer;
  }

  /** {@linkcode send} and {@linkcode answer}. */
  get(path: string): Promise<Answer> {
    this.send(path);
    return this.answer();
  }

  /** Closes without ceremony. */
  close(): void {
    this.#socket.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #parse(): Answer | undefined {
    const end = this.#unread.indexOf("\r\n\r\n");
    if (end < 0) return undefined;
    const [statusLine = "", ...lines] = this.#unread.toString("latin1", 0, end).split("\r\n");
    const headers: IncomingHttpHeaders = Object.fromEntries(lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }));
    const bodyEnd = end + 4 + Number(headers["content-length"] ?? 0);
    if (this.#unread.length < bodyEnd) return undefined;
    const text = this.#unread.toString("utf8", end + 4, bodyEnd);
    this.#unread = this.#unread.subarray(bodyEnd);
    return { status: Number(statusLine.split(" ")[1]), headers, text };
  }
}

function head(method: string, path: string, headers: Record<string, string>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `${method} ${path} HTTP/1.1\r\nHost: test\r\n${lines}\r\n`;
}
