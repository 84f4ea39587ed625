/**
 * Load with a new connection for each request, counted. `wrk` keeps its connections, and takes an
 * answer after which the server closes for an error.
 *
 * @module
 */
import { connect } from "node:net";
import { eventually, pause } from "./wait.ts";

/** How long an answer may take, in milliseconds: what hangs is counted as well. */
const patience = 30_000;

/** What can be set for {@linkcode Load}. */
export interface LoadOptions {
  /** How many ask at the same time. Default 6. */
  clients?: number;
  /** Between two requests of a client, in milliseconds. Default 2: the tests share their processors. */
  breath?: number;
  /** Every how many requests one is a POST, which a proxy does not simply send again. Default none. */
  postEvery?: number;
  /**
   * Requests say `Connection: close`, so that the server closes. Default `true`; otherwise the client
   * closes when it has its answer.
   */
  sayClose?: boolean;
}

/** Clients that ask one request after the other until disposed of. */
export class Load implements AsyncDisposable {
  /** How many were answered with 200, completely. */
  ok = 0;
  /** How many were not, by what came instead. */
  readonly failures = new Map<string, number>();
  /** How often each body came. */
  readonly bodies = new Map<string, number>();
  /** How long the longest answer took to come, in milliseconds. */
  slowest = 0;
  readonly #url: URL;
  readonly #breath: number;
  readonly #postEvery: number;
  readonly #sayClose: boolean;
  readonly #clients: Promise<unknown>;
  #asked = 0;
  #stopping = false;

  constructor(url: string, options: LoadOptions = {}) {
    const { clients = 6, breath = 2, postEvery = Infinity, sayClose = true } = options;
    this.#url = new URL(url);
    this.#breath = breath;
    this.#postEvery = postEvery;
    this.#sayClose = sayClose;
    this.#clients = Promise.all(Array.from({ length: clients }, () => this.#client()));
  }

  /** How many failed. */
  get failed(): number {
    return [...this.failures.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Waits until so many more were answered. */
  async more(count: number): Promise<void> {
    const wanted = this.ok + count;
    await eventually(`${count} more answers`, () => this.ok >= wanted);
  }

  /** Lets the clients finish what they ask. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#clients;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #client(): Promise<void> {
    while (!this.#stopping) {
      const method = ++this.#asked % this.#postEvery === 0 ? "POST" : "GET";
      const began = performance.now();
      const { body, failure } = await ask(this.#url, method, this.#sayClose);
      this.slowest = Math.max(this.slowest, performance.now() - began);
      if (failure === undefined) {
        this.ok++;
        this.bodies.set(body, (this.bodies.get(body) ?? 0) + 1);
      } else {
        const what = method === "GET" ? failure : `${method} ${failure}`;
        this.failures.set(what, (this.failures.get(what) ?? 0) + 1);
      }
      await pause(this.#breath);
    }
  }
}

interface Outcome {
  body: string;
  failure: string | undefined;
}

function ask(
  { hostname, port, pathname }: URL,
  method: "GET" | "POST",
  sayClose: boolean,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) });
    let text = "";
    let trouble = "closed";
    socket.setEncoding("utf8");
    socket.setTimeout(patience, () => {
      trouble = "no answer";
      socket.destroy();
    });
    socket.once("connect", () => {
      const close = sayClose ? "Connection: close\r\n" : "";
      const rest = method === "GET" ? "\r\n" : "Content-Length: 1\r\n\r\nx";
      socket.write(`${method} ${pathname} HTTP/1.1\r\nHost: test\r\n${close}${rest}`);
    });
    socket.on("data", (part: string) => {
      text += part;
      if (!sayClose && isWhole(text)) socket.destroy();
    });
    socket.once("error", (error: NodeJS.ErrnoException) => trouble = error.code ?? error.message);
    // Where the answer is there, how the connection ended is of no account.
    socket.once("close", () => resolve(read(text, trouble)));
  });
}

function isWhole(text: string): boolean {
  const [head = "", body] = text.split("\r\n\r\n", 2);
  const length = /^content-length: (\d+)\r?$/im.exec(head)?.[1];
  if (length === undefined) return text.endsWith("\r\n0\r\n\r\n");
  return body !== undefined && body.length >= Number(length);
}

function read(text: string, trouble: string): Outcome {
  const [head = "", body] = text.split("\r\n\r\n", 2);
  const status = /^HTTP\/1\.1 (\d+)/.exec(head)?.[1];
  const length = /^content-length: (\d+)\r?$/im.exec(head)?.[1];
  if (status === undefined) return { body: "", failure: trouble };
  if (status !== "200") return { body: "", failure: `status ${status}` };
  if (body === undefined || body.length !== Number(length)) {
    return { body: "", failure: `cut off: ${trouble}` };
  }
  return { body, failure: undefined };
}
