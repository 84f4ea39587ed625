import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import {
  createServer as createTlsServer,
  request as tlsRequest,
  type Server as TlsServer,
} from "node:https";
import { connect as tlsConnect } from "node:tls";
import type { Duplex } from "node:stream";
import { readTls, type TlsFiles } from "../../app/tls.ts";
import { ListenError } from "../../app/listen_error.ts";
import { logger } from "../../log.ts";
import type { Worker } from "../workers/worker.ts";

const log = logger("supervisor");

/** How long an upload is taken after its answer, before its connection is closed, in milliseconds. */
const uploadPatience = 2000;

/** Headers that belong to one connection (RFC 9110 §7.6.1), and so not to the next one. */
const ofConnection = new Set(["connection", "keep-alive", "proxy-connection"]);

/**
 * In development, the listener that stays while the handler's process changes.
 *
 * Each request goes to the worker of the moment, whichever connection it comes on; a request that
 * comes while there is none waits for the next one. That costs a hop over loopback, which nobody
 * notices in development; in production requests go to the workers themselves.
 */
export class ReloadProxy {
  readonly #server: Server | TlsServer;
  readonly #worker: () => Worker | undefined;
  readonly #trouble: () => string | undefined;
  readonly #maxBodySize: number;
  #news = Promise.withResolvers<void>();
  #port = 0;
  #draining = false;
  #closing = false;
  /** Requests whose answers have not begun, by their workers. */
  readonly #asked = new Map<Worker, number>();
  readonly #quiet = new Map<Worker, () => void>();

  /**
   * @param worker where requests are to go now
   * @param trouble why that is nowhere, if it will stay so
   * @param maxBodySize how long a body may be for the worker, in bytes
   * @param tls the certificate and key to listen with; the worker listens with them as well
   */
  constructor(
    worker: () => Worker | undefined,
    trouble: () => string | undefined,
    maxBodySize: number,
    tls?: TlsFiles,
  ) {
    this.#worker = worker;
    this.#trouble = trouble;
    this.#maxBodySize = maxBodySize;
    // Requests may take as long as they take: limits are the handler's.
    const limits = { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 60_000 };
    // HTTP/1.0 needs no Host.
    const options = { ...limits, requireHostHeader: false };
    this.#server = tls === undefined
      ? createServer(options)
      : createTlsServer({ ...options, ...readTls(tls) });
    this.#server.on("request", (incoming: IncomingMessage, answer: ServerResponse) => {
      void this.#pass(incoming, answer);
    });
    this.#server.on("upgrade", (incoming: IncomingMessage, socket: Duplex, head: Uint8Array) => {
      void this.#upgrade(incoming, socket, head);
    });
  }

  /** The port, once it is open. */
  get port(): number {
    return this.#port;
  }

  /** Starts to listen. Rejects where the address cannot be had. */
  async open(hostname: string, port: number): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once("error", reject);
        this.#server.listen(port, hostname, () => {
          this.#server.off("error", reject);
          resolve();
        });
      });
    } catch (error) {
      throw new ListenError("the handler", "--port", { hostname, port }, error);
    }
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** There is a worker, or no hope of one: those that wait look again. */
  retry(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }

  /** Resolves when each request that the worker was given has got the beginning of its answer. */
  left(worker: Worker): Promise<void> {
    if (!this.#asked.has(worker)) return Promise.resolve();
    return new Promise((resolve) => this.#quiet.set(worker, resolve));
  }

  /** Each answer asks its client to open another connection from now on. */
  drain(): void {
    this.#draining = true;
  }

  /** Takes no new connection, closes the idle ones, and refuses what still comes on others. */
  close(): void {
    this.#closing = true;
    this.retry();
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  /** Closes all connections. */
  abort(): void {
    this.#server.closeAllConnections();
  }

  async #pass(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const target = await this.#target();
    if (answer.destroyed) return;
    if (typeof target === "string") return unavailable(answer, target);
    const done = this.#ask(target);
    const { hostname, port, scheme } = target.address;
    const passed = (scheme === "https" ? tlsRequest : request)({
      agent: false,
      rejectUnauthorized: false,
      host: hostname,
      port,
      method: incoming.method,
      path: incoming.url,
      headers: [...kept(incoming.rawHeaders), ...missing(incoming)],
    });
    // Who still uploads may read the answer only when that is done: what comes is thrown away.
    const discard = (): void => void incoming.unpipe(passed).resume();
    let answered = false;
    let size = 0;
    passed.on("response", (response) => {
      answered = true;
      done();
      // HTTP/1.0 has no chunks; node:http sends the body as it is and closes.
      const isOld = incoming.httpVersion === "1.0";
      const headers = kept(response.rawHeaders, isOld ? ["transfer-encoding"] : []);
      if (this.#draining) headers.push("Connection", "close");
      answer.writeHead(response.statusCode ?? 502, response.statusMessage, headers);
      response.pipe(answer, { end: false });
      response.on("end", () => endAfterUpload(incoming, answer));
      response.on("error", () => answer.destroy());
    });
    passed.on("error", (error) => {
      done();
      discard();
      log.debug("a request could not be passed on: {error}", { error: error.message });
      // An answer may come before the upload has been read, which then cannot be written any more.
      if (answered) return;
      // Bun closes a connection without a word when a body is far too long.
      if (size > this.#maxBodySize) {
        answer.writeHead(413, plainText).write("Payload Too Large\n");
        endAfterUpload(incoming, answer);
      } else unavailable(answer, `the handler's process gave no answer: ${error.message}`);
    });
    // The handler learns that its client is gone.
    answer.on("close", () => (done(), discard(), passed.destroy()));
    incoming.on("data", (chunk: Uint8Array) => size += chunk.length);
    incoming.pipe(passed);
  }

  async #upgrade(incoming: IncomingMessage, socket: Duplex, head: Uint8Array): Promise<void> {
    socket.on("error", () => socket.destroy());
    const target = await this.#target();
    if (typeof target === "string" || socket.destroyed) return void socket.destroy();
    const done = this.#ask(target);
    const passed = connectTo(target, () => {
      const { method, url, rawHeaders } = incoming;
      const headers = ["Connection", "Upgrade", ...kept(rawHeaders)];
      const lines = pairs(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      passed.write(`${method} ${url} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
      passed.write(head);
      socket.pipe(passed).pipe(socket);
    });
    passed.once("data", done);
    passed.on("error", () => passed.destroy());
    passed.on("close", () => (done(), socket.destroy()));
    socket.on("close", () => passed.destroy());
  }

  /** The worker to go to, or why there is none. */
  async #target(): Promise<Worker | string> {
    for (;;) {
      const target = this.#worker() ?? (this.#closing ? "the service stops" : this.#trouble());
      if (target !== undefined) return target;
      await this.#news.promise;
    }
  }

  /** Remembers that a worker owes an answer; the result is called once it has begun. */
  #ask(worker: Worker): () => void {
    this.#asked.set(worker, (this.#asked.get(worker) ?? 0) + 1);
    let owed = true;
    return () => {
      if (!owed) return;
      owed = false;
      const left = (this.#asked.get(worker) ?? 0) - 1;
      if (left > 0) return void this.#asked.set(worker, left);
      this.#asked.delete(worker);
      this.#quiet.get(worker)?.();
      this.#quiet.delete(worker);
    };
  }
}

/** A connection to this machine's own process, whose certificate is for other names. */
function connectTo({ address }: Worker, ready: () => void): Socket {
  const { hostname: host, port, scheme } = address;
  return scheme === "https"
    ? tlsConnect({ host, port, rejectUnauthorized: false }, ready)
    : connect({ host, port }, ready);
}

const plainText = { "content-type": "text/plain; charset=utf-8" };

/**
 * Ends an answer when the client has sent all it wants to, or after a while: one that meets a closed
 * connection while it sends may not read the answer (RFC 9112 §9.6).
 */
function endAfterUpload(incoming: IncomingMessage, answer: ServerResponse): void {
  const end = (): void => void answer.end();
  if (incoming.complete) return end();
  const timer = setTimeout(end, uploadPatience);
  incoming.once("end", end).once("close", end);
  answer.once("close", () => clearTimeout(timer));
}

function unavailable(answer: ServerResponse, why: string): void {
  answer.writeHead(503, { ...plainText, "cache-control": "no-store" });
  answer.end(`${why}\n`);
}

/**
 * What the worker, to whom HTTP/1.1 is spoken, needs besides: a `Host`, which HTTP/1.0 may leave out (RFC
 * 9112 §3.2), and the length of no body, in whose place `node:http` would send chunks (§6.3).
 */
function missing({ method = "", headers }: IncomingMessage): string[] {
  const host = headers.host === undefined ? ["Host", "localhost"] : [];
  const hasBody = "content-length" in headers || "transfer-encoding" in headers;
  return hasBody || bodiless.has(method) ? host : [...host, "Content-Length", "0"];
}

/** Methods for which `node:http` sends no chunks unless there is a body. */
const bodiless = new Set(["GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"]);

/** Headers for the next hop, in their order and spelling: all but those of the connection, and those that it names. */
function kept(rawHeaders: string[], without: string[] = []): string[] {
  const all = pairs(rawHeaders);
  const dropped = new Set([...ofConnection, ...without, ...namedByConnection(all)]);
  return all.filter(([name]) => !dropped.has(name.toLowerCase())).flat();
}

/** What `Connection` names belongs to the connection, too, but for what the message cannot be read without. */
function namedByConnection(all: [string, string][]): string[] {
  return all.filter(([name]) => name.toLowerCase() === "connection")
    .flatMap(([, value]) => value.split(",").map((name) => name.trim().toLowerCase()))
    .filter((name) => !ofMessage.has(name));
}

/** Whoever names one of these in `Connection` wants the next hop to read another message. */
const ofMessage = new Set(["host", "content-length", "transfer-encoding", "upgrade"]);

function pairs(rawHeaders: string[]): [string, string][] {
  return Array.from(
    { length: rawHeaders.length / 2 },
    (_, index) => [rawHeaders[2 * index] ?? "", rawHeaders[2 * index + 1] ?? ""],
  );
}
