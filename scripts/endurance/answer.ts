import { Buffer } from "node:buffer";

/** An answer as it comes in (RFC 9112), to a request whose method and version are known. */
export class Answer {
  /** As soon as the head is there; not that of a `100 Continue`. */
  status: number | undefined;
  /** Has all of it come? */
  complete = false;
  /** May the connection be used again? */
  reusable = false;
  /** The header fields, by their names in small letters. */
  headers = new Map<string, string>();
  /** What has come after the answer: frames of a WebSocket. */
  rest: Buffer = Buffer.alloc(0);
  /** How much of a body has come. */
  received = 0;
  readonly #method: string;
  readonly #version: string;
  #buffer: Buffer = Buffer.alloc(0);
  /** How much of the body, or of a chunk with its end, is still to come. */
  #left = 0;
  #body: "none" | "length" | "chunks" | "until the end" = "none";
  #lastChunk = false;

  constructor(method: string, version: string) {
    this.#method = method;
    this.#version = version;
  }

  /** Takes what has come. */
  push(bytes: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
    while (this.status === undefined && this.#head());
    if (this.status === undefined || this.complete) return this.#keepRest();
    switch (this.#body) {
      case "none":
        this.complete = true;
        break;
      case "length":
        this.#take();
        this.complete = this.#left === 0;
        break;
      case "chunks":
        this.#chunks();
        break;
      case "until the end":
        this.received += this.#buffer.length;
        this.#buffer = Buffer.alloc(0);
    }
    this.#keepRest();
  }

  /** The server has closed the connection. */
  end(): void {
    if (this.status !== undefined && this.#body === "until the end") this.complete = true;
    this.reusable = false;
  }

  #keepRest(): void {
    if (!this.complete || this.#buffer.length === 0) return;
    this.rest = Buffer.concat([this.rest, this.#buffer]);
    this.#buffer = Buffer.alloc(0);
  }

  /** True where there may be another head: that was a `100 Continue`. */
  #head(): boolean {
    const end = this.#buffer.indexOf("\r\n\r\n");
    if (end < 0) return false;
    const [first = "", ...lines] = this.#buffer.toString("latin1", 0, end).split("\r\n");
    this.#buffer = this.#buffer.subarray(end + 4);
    const [, minor, code] = /^HTTP\/1\.(\d) (\d{3})/.exec(first) ?? [];
    if (code === undefined) throw new Error(`no answer: ${JSON.stringify(first.slice(0, 80))}`);
    if (code === "100") return true;
    this.status = Number(code);
    this.headers = new Map(lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }));
    const connection = this.headers.get("connection")?.toLowerCase();
    // Bun answers a client of HTTP/1.0 as one of HTTP/1.1, and then closes its connection.
    this.reusable = minor === "1" && this.#version === "1.1"
      ? connection !== "close"
      : connection === "keep-alive";
    const length = this.headers.get("content-length");
    if (this.#method === "HEAD" || [101, 204, 304].includes(this.status)) this.#body = "none";
    else if (this.headers.get("transfer-encoding") === "chunked") this.#body = "chunks";
    else if (length === undefined) this.#body = "until the end";
    else [this.#body, this.#left] = ["length", Number(length)];
    return false;
  }

  #take(): void {
    const taken = Math.min(this.#left, this.#buffer.length);
    this.#left -= taken;
    this.received += taken;
    this.#buffer = this.#buffer.subarray(taken);
  }

  #chunks(): void {
    for (;;) {
      this.#take();
      if (this.#left > 0) return;
      if (this.#lastChunk) {
        this.complete = true;
        return;
      }
      const end = this.#buffer.indexOf("\r\n");
      if (end < 0) return;
      const size = parseInt(this.#buffer.toString("latin1", 0, end), 16);
      if (Number.isNaN(size)) throw new Error("a chunk without its length");
      this.#buffer = this.#buffer.subarray(end + 2);
      // The end of the line after it; after the last one there are no trailers here.
      this.#left = size + 2;
      this.#lastChunk = size === 0;
    }
  }
}
