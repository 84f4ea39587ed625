/**
 * HTTP/1.1 byte by byte: what is sent is what was written, what comes is given as it came.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Ask } from "./app.ts";

/** An answer as it came over the wire. */
export interface Reply {
  /** The status line and the fields in their order, letter by letter; also of what came before (1xx). */
  head: string[];
  /** Without the marks of chunks. Its bytes as latin1, so that none is lost. */
  body: string;
  /** The fields behind a chunked body. */
  trailers: string[];
}

/** How long nothing may come, in milliseconds, for a readable failure. */
const patience = 45_000;

/** One connection. Requests follow one another on it. */
export class Wire implements Disposable {
  /** Has the other side said, by its last answer, that it goes on? */
  kept = true;
  readonly #socket: Socket;
  #unread = Buffer.alloc(0);
  #ended: Error | true | undefined;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#unread = Buffer.concat([this.#unread, chunk]);
      this.#wake();
    });
    const end = (how: Error | true) => {
      this.#ended ??= how;
      this.#wake();
    };
    socket.on("error", end);
    socket.on("end", () => end(true));
    socket.on("close", () => end(true));
  }

  /** Connects; rejects where nobody listens. */
  static open(url: string | URL, ca?: string): Promise<Wire> {
    const { hostname: host, port, protocol } = new URL(url);
    const tls = protocol === "https:";
    return new Promise((resolve, reject) => {
      const address = { host, port: Number(port) };
      const socket = tls
        ? connectTls({ ...address, ca, servername: "localhost", ALPNProtocols: ["http/1.1"] })
        : connectTcp(address);
      socket.once("error", reject);
      socket.once(tls ? "secureConnect" : "connect", () => {
        socket.off("error", reject);
        resolve(new Wire(socket));
      });
    });
  }

  /**
   * Sends a request and reads its answer.
   *
   * @param arrived is told the body so far, each time that more of it has come
   */
  async ask(ask: Ask, arrived: (body: string) => void = () => {}): Promise<Reply> {
    this.#socket.write(written(ask), "latin1");
    const head = [];
    let lines = await this.#head();
    head.push(...lines);
    while (/^HTTP\/1\.1 1(?!01)/.test(lines[0] ?? "")) {
      lines = await this.#head();
      head.push(...lines);
    }
    const fields = new Map(
      lines.slice(1).map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim().toLowerCase()];
      }),
    );
    const status = Number(lines[0]?.split(" ")[1]);
    const length = fields.get("content-length");
    let body = "";
    const take = (bytes: Buffer) => arrived(body += bytes.toString("latin1"));
    const trailers = [];
    this.kept = fields.get("connection") !== "close";
    if (ask.method === "HEAD" || status === 101 || status === 204 || status === 304) {
      // There is none.
    } else if (fields.get("transfer-encoding") === "chunked") {
      trailers.push(...await this.#chunks(take));
    } else if (length !== undefined) {
      for (let left = Number(length); left > 0;) {
        const bytes = await this.#some(left);
        left -= bytes.length;
        take(bytes);
      }
    } else {
      this.kept = false;
      while (await this.#more()) take(this.#cut(this.#unread.length));
    }
    return { head, body, trailers };
  }

  /** Closes without ceremony. */
  close(): void {
    this.#socket.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #head(): Promise<string[]> {
    const lines = [];
    for (let line = await this.#line(); line !== ""; line = await this.#line()) lines.push(line);
    return lines;
  }

  async #chunks(take: (bytes: Buffer) => void): Promise<string[]> {
    for (;;) {
      let left = parseInt(await this.#line(), 16);
      if (left === 0) return await this.#head();
      while (left > 0) {
        const bytes = await this.#some(left);
        left -= bytes.length;
        take(bytes);
      }
      await this.#line();
    }
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#unread.indexOf("\r\n");
      if (end >= 0) return this.#cut(end + 2).toString("latin1", 0, end);
      if (!await this.#wait()) throw this.#early();
    }
  }

  async #some(most: number): Promise<Buffer> {
    if (!await this.#more()) throw this.#early();
    return this.#cut(Math.min(most, this.#unread.length));
  }

  /** Is there a byte to be read, now or later? */
  async #more(): Promise<boolean> {
    return this.#unread.length > 0 || await this.#wait();
  }

  #cut(length: number): Buffer {
    const bytes = this.#unread.subarray(0, length);
    this.#unread = this.#unread.subarray(length);
    return bytes;
  }

  /** Waits for more bytes. False at the end of the connection. */
  async #wait(): Promise<boolean> {
    const before = this.#unread.length;
    const end = Date.now() + patience;
    while (this.#unread.length === before) {
      if (this.#ended !== undefined) return false;
      const left = end - Date.now();
      if (left <= 0) throw new Error(`waited in vain for more bytes behind ${this.#shown()}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return true;
  }

  #early(): Error {
    const why = this.#ended instanceof Error ? this.#ended.message : "it was closed";
    return new Error(`the connection ended too early (${why}) behind ${this.#shown()}`);
  }

  #shown(): string {
    return JSON.stringify(this.#unread.toString("latin1", 0, 200));
  }
}

/** The bytes of a request, as latin1. */
function written({ path, method = "GET", headers = {}, body }: Ask): string {
  const pieces = body === undefined ? [] : typeof body === "string" ? [body] : body;
  const bytes = pieces.map((piece) => Buffer.from(piece).toString("latin1"));
  const framing: Record<string, string> = typeof body === "string"
    ? { "Content-Length": String(bytes.join("").length) }
    : body === undefined
    ? {}
    : { "Transfer-Encoding": "chunked" };
  const fields = Object.entries({ Host: "app.test", ...headers, ...framing });
  const head = `${method} ${path} HTTP/1.1\r\n` +
    fields.map(([name, value]) => `${name}: ${value}\r\n`).join("") + "\r\n";
  if (body === undefined || typeof body === "string") return head + bytes.join("");
  const chunks = bytes.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join("");
  return `${head}${chunks}0\r\n\r\n`;
}
