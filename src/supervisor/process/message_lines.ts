import type { Duplex } from "node:stream";
import { overlong, type Port } from "../../app/channel.ts";
import { hasWorked, nextTurn } from "../../turns.ts";
import { Lines, tooLong } from "./lines.ts";

/**
 * How long a message may be, in bytes. The longest of Hurricane's own are parts of long answers, of
 * which each character may take six.
 */
export const longestMessage = 1024 * 1024;

/**
 * The supervisor's end of the way to a process that runs the handler, which has the runtime's own at
 * its end: `process.send`. Messages are lines of JSON.
 *
 * The runtime would read them here, too, however long they are: a handler could send a message that
 * holds the probes up for seconds and fills the memory.
 */
export class MessageLines implements Port {
  /** Resolves when nothing more will come. */
  readonly disconnected: Promise<void>;
  readonly #socket: Duplex;
  readonly #lines = new Lines(longestMessage);
  readonly #disconnected = Promise.withResolvers<void>();
  #listener: (message: unknown) => void = () => {};
  #open = true;
  #reading = false;

  constructor(socket: Duplex) {
    this.#socket = socket;
    this.disconnected = this.#disconnected.promise;
    // Whatever breaks it ends it, and that is what is told.
    socket.on("error", () => {});
    socket.once("close", () => this.#close());
  }

  get connected(): boolean {
    return this.#open;
  }

  on(_message: "message", listener: (message: unknown) => void): void {
    this.#listener = listener;
    this.#socket.on("data", (chunk: Uint8Array) => {
      this.#lines.push(chunk);
      if (!this.#reading) this.#read();
    });
  }

  send(
    message: unknown,
    _handle: undefined,
    _options: undefined,
    sent: (error: Error | null) => void,
  ): void {
    this.#socket.write(JSON.stringify(message) + "\n", (error) => sent(error ?? null));
  }

  #read(): void {
    let began = performance.now();
    for (let line = this.#lines.next(); line !== undefined; line = this.#lines.next()) {
      this.#listener(line === tooLong ? overlong : parsed(line));
      const ended = performance.now();
      if (!hasWorked(began, ended)) {
        began = ended;
        continue;
      }
      this.#reading = true;
      this.#socket.pause();
      return nextTurn(() => this.#read());
    }
    if (!this.#reading) return;
    this.#reading = false;
    this.#socket.resume();
    if (!this.#open) this.#disconnected.resolve();
  }

  #close(): void {
    this.#open = false;
    // What has arrived is read to its end.
    if (!this.#reading) this.#disconnected.resolve();
  }
}

/** What a line says; `undefined`, which is no message of Hurricane's, where that is no JSON. */
function parsed(line: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString());
  } catch {
    return undefined;
  }
}
