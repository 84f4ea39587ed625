import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { ListenError } from "../../app/listen_error.ts";
import { logger } from "../../log.ts";
import { standsStillAfter } from "../../timeline.ts";
import type { Worker } from "../workers/worker.ts";
import { isFromDebugger } from "./debugger_client.ts";

const log = logger("supervisor");

/** Whoever reaches an inspector can run any code in its process. */
const hostname = "127.0.0.1";

/** What is debugged. */
export type DebuggedWorker = Pick<Worker, "address" | "exit" | "silence">;

/**
 * Where debuggers attach (`--debugger-port`), whichever process runs the handler at that time.
 *
 * Each process opens its inspector on a port that is free. This one belongs to the supervisor, which
 * passes on what comes: so it stays the same when a process takes over from one that still runs, or
 * that a debugger holds at a breakpoint and that could not let go of it.
 */
export class DebuggerPort {
  readonly #sockets = new Set<Socket>();
  #port: number;
  #server: Server | undefined;
  #worker: DebuggedWorker | undefined;

  /** @param port 0 picks a free one. */
  constructor(port: number) {
    this.#port = port;
  }

  /** The port, once it is open. */
  get port(): number {
    return this.#port;
  }

  /** Opens it. Rejects with a {@linkcode ListenError} where it cannot be had. */
  async open(): Promise<void> {
    const server = createServer((client) => this.#connect(client));
    try {
      await once(server.listen(this.#port, hostname), "listening");
    } catch (error) {
      throw new ListenError(
        "the debugger",
        "--debugger-port",
        { hostname, port: this.#port },
        error,
      );
    }
    server.on("error", ({ message }) => {
      log.warn("trouble with the debugger's port: {error}", { error: message });
    });
    this.#server = server;
    const address = server.address();
    if (typeof address === "object" && address !== null) this.#port = address.port;
  }

  /**
   * Debuggers attach to this worker from now on. Those that are attached to another one are detached:
   * if it was at a breakpoint it goes on, and they may attach again.
   */
  follow(worker: DebuggedWorker): void {
    this.#detach();
    this.#worker = worker;
    void worker.exit.then(() => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    const { inspector } = worker.address;
    if (inspector === undefined) return;
    const url = new URL(inspector);
    url.port = String(this.#port);
    log.info("debugger on {debuggerUrl}: open chrome://inspect, or attach an editor to {address}", {
      debuggerUrl: url.href,
      address: url.host,
    });
  }

  /** Where the worker stands still, as at a breakpoint, detaches the debugger, so that it goes on. */
  resume(): void {
    if (this.#worker !== undefined && this.#worker.silence > standsStillAfter) this.#detach();
  }

  /** Detaches all debuggers and takes no more. */
  close(): void {
    this.#server?.close();
    this.#server = undefined;
    this.#detach();
  }

  #detach(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #connect(client: Socket): void {
    // Between two workers: a debugger tries again.
    if (this.#worker?.address.inspector === undefined) return void client.destroy();
    this.#add(client);
    let head = "";
    const take = (chunk: Uint8Array): void => {
      head += Buffer.from(chunk).toString("latin1");
      if (!head.includes("\r\n\r\n")) {
        if (head.length > longestHead) client.destroy();
        return;
      }
      client.off("data", take).pause();
      if (isFromDebugger(head)) this.#pass(client, head);
      else {
        log.warn(
          "refused whoever is no debugger at the debugger's port: a page, or another host's name",
        );
        client.end(forbidden);
      }
    };
    client.on("data", take);
  }

  /** Passes on what comes from a debugger, of which this much is there. */
  #pass(client: Socket, head: string): void {
    const url = this.#worker?.address.inspector;
    if (url === undefined) return void client.destroy();
    const inspector = connect(Number(new URL(url).port), hostname);
    this.#add(inspector);
    inspector.write(head, "latin1");
    for (const [from, to] of [[client, inspector], [inspector, client]] as const) {
      from.pipe(to);
      from.once("close", () => to.destroy());
    }
  }

  #add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay();
    socket.on(
      "error",
      ({ message }) => log.debug("a debugger is gone: {error}", { error: message }),
    );
    socket.once("close", () => this.#sockets.delete(socket));
  }
}

/** What the head of a debugger's request may have, in characters. */
const longestHead = 16_384;

const forbidden = "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
