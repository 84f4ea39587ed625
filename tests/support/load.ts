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

/** Between two requests of a client, in milliseconds: the tests share their processors. */
const breath = 2;

/** Clients that ask one request after the other until disposed of. */
export class Load implements AsyncDisposable {
  /** How many were answered with 200, completely. */
  ok = 0;
  /** How many were not, by what came instead. */
  readonly failures = new Map<string, number>();
  /** How often each body came. */
  readonly bodies = new Map<string, number>();
  readonly #url: URL;
  readonly #clients: Promise<unknown>;
  #stopping = false;

  constructor(url: string, clients = 6) {
    this.#url = new URL(url);
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
      const { body, failure } = await ask(this.#url);
      if (failure === undefined) {
        this.ok++;
        this.bodies.set(body, (this.bodies.get(body) ?? 0) + 1);
      } else this.failures.set(failure, (this.failures.get(failure) ?? 0) + 1);
      await pause(breath);
    }
  }
}

interface Outcome {
  body: string;
  failure: string | undefined;
}

function ask({ hostname, port, pathname }: URL): Promise<Outcome> {
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
      socket.write(`GET ${pathname} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n`);
    });
    socket.on("data", (part: string) => text += part);
    socket.once("error", (error: NodeJS.ErrnoException) => trouble = error.code ?? error.message);
    // Where the answer is there, how the connection ended is of no account.
    socket.once("close", () => resolve(read(text, trouble)));
  });
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
