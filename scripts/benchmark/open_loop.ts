/**
 * An open-loop client: each request is sent when it is due, whatever became of those before it, as
 * people do who know nothing of each other. A closed loop, as wrk is, waits for a slow server, and so
 * never shows what too much load does to it.
 *
 * @module
 */
import { connect, type Socket } from "node:net";

/** The load that is offered. */
export interface OpenLoad {
  port: number;
  path: string;
  /** Requests that are due in a second, at random times (a Poisson process). */
  rate: number;
  /** For so many seconds. */
  seconds: number;
  /** A client that has no answer after so many milliseconds leaves. */
  patience: number;
  /** What happens in the first seconds is not counted: the server is cold, and no queue is there yet. */
  settle?: number;
}

/** What became of the requests that were due after `settle`. */
export interface OpenOutcome {
  due: number;
  /** The latencies of the 200s that were in time, in milliseconds from when the request was due, in order. */
  inTime: number[];
  /** Refused with 503. */
  shed: number;
  /** Their clients have left. */
  left: number;
  /** Other answers, and connections that broke. */
  failed: number;
}

type End = "inTime" | "shed" | "left" | "failed";

/** Offers load over connections that are kept while they are answered on. Ends `patience` after the last. */
export async function offer(load: OpenLoad): Promise<OpenOutcome> {
  const { rate, seconds, patience, settle = 0 } = load;
  const outcome: OpenOutcome = { due: 0, inTime: [], shed: 0, left: 0, failed: 0 };
  const idle: Connection[] = [];
  const started = performance.now();
  const end = started + seconds * 1000;
  const open = new Set<Promise<void>>();
  for (let due = started + gap(rate); due < end; due += gap(rate)) {
    const wait = due - performance.now();
    // Late by less than that is on time: a timer is no finer.
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    const counts = due - started >= settle * 1000;
    const connection = idle.pop() ?? new Connection(load, idle);
    const sending = connection.send(due, patience).then((how) => {
      open.delete(sending);
      if (!counts) return;
      outcome.due++;
      if (how === "inTime") outcome.inTime.push(performance.now() - due);
      else outcome[how]++;
    });
    open.add(sending);
  }
  await Promise.all(open);
  for (const connection of idle) connection.close();
  outcome.inTime.sort((a, b) => a - b);
  return outcome;
}

/** Milliseconds to the next arrival. */
function gap(rate: number): number {
  return -Math.log(1 - Math.random()) * 1000 / rate;
}

/** A connection that has one request at a time. */
class Connection {
  readonly #socket: Socket;
  readonly #head: string;
  readonly #idle: Connection[];
  #received = "";
  #done: ((how: End) => void) | undefined;

  constructor({ port, path }: OpenLoad, idle: Connection[]) {
    this.#head = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
    this.#idle = idle;
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.setEncoding("latin1");
    this.#socket.on("data", (text: string) => this.#take(text));
    this.#socket.on("error", () => this.#end("failed"));
    this.#socket.on("close", () => this.#end("failed"));
  }

  async send(due: number, patience: number): Promise<End> {
    const { promise, resolve } = Promise.withResolvers<End>();
    this.#done = resolve;
    this.#received = "";
    const timer = setTimeout(() => this.#end("left"), due + patience - performance.now());
    this.#socket.write(this.#head);
    const how = await promise;
    clearTimeout(timer);
    return how;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#received += text;
    const head = this.#received.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#received.slice(0, head + 2))?.[1];
    if (this.#received.length < head + 4 + Number(length ?? 0)) return;
    const status = Number(this.#received.slice(9, 12));
    const kept = !/\r\nconnection: close/i.test(this.#received.slice(0, head + 2));
    this.#end(status === 200 ? "inTime" : status === 503 ? "shed" : "failed", kept);
  }

  #end(how: End, kept = false): void {
    const done = this.#done;
    this.#done = undefined;
    // One that was closed while it was idle must not be used again.
    if (kept) this.#idle.push(this);
    else {
      const at = this.#idle.indexOf(this);
      if (at >= 0) this.#idle.splice(at, 1);
      this.#socket.destroy();
    }
    done?.(how);
  }
}
