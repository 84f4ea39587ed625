import type { EventEmitter } from "node:events";
import process from "node:process";
import { describe, errorTrace } from "../errors.ts";
import { configureLog, logger } from "../log.ts";
import { runtime } from "../runtime/mod.ts";
import { pathOf } from "./request_path.ts";
import { App } from "./app.ts";
import { ListenError } from "./listen_error.ts";
import { type BuiltinHandler, loadBuiltin, loadHandler } from "./handler.ts";
import type { AppConfig } from "./options.ts";
import type { AppMessage, ProbeAnswer, SupervisorMessage } from "./protocol.ts";

const log = logger("handler");

/**
 * The life of a process that runs the handler, from its configuration to its exit.
 *
 * Whatever fails is told to the supervisor first. The process ends when the supervisor says so, or
 * when the supervisor is gone: an orphan that still listens would keep the port from its successor.
 *
 * @param given as JSON; empty where the supervisor sends it once it knows it
 */
export async function runAppProcess(given: string, builtin?: BuiltinHandler): Promise<void> {
  process.on("disconnect", () => process.exit(1));
  const config = given === "" ? await toldConfig() : JSON.parse(given) as AppConfig;
  configureLog(config.options);
  reportUncaught();
  let app: App;
  let counts: Counts;
  const imports = config.options.tellImports ? new Imports() : undefined;
  try {
    const inspector = config.options.inspector ? await runtime.openInspector() : undefined;
    const handler = config.handler === undefined
      ? await loadBuiltin(required(builtin))
      : await loadHandler(config.handler);
    app = new App(handler, config.options);
    // A rejection that nobody handles is told of after this turn: it is a failed start then.
    await new Promise((resolve) => setImmediate(resolve));
    counts = new Counts(app);
    const forwarder = new Forwarder();
    const forward = config.options.probePaths.length > 0 ? forwarder.forward : undefined;
    const turn = Promise.withResolvers<number>();
    process.on("message", (received) => {
      const message = received as SupervisorMessage;
      if (message.type === "listen") turn.resolve(message.port);
      else if (message.type !== "start") void obey(app, counts, forwarder, message);
    });
    imports?.tell();
    send({ type: "loaded" });
    const address = await app.listen(await turn.promise, forward);
    send({ type: "listening", ...address, ...(inspector && { inspector }) });
  } catch (error) {
    send({ type: "failed", ...trouble(error) }, () => process.exit(1));
    return;
  }
  const supervisor = process.ppid;
  app.startHeartbeat(() => {
    // Not every end of the supervisor is seen as a disconnect.
    if (process.ppid !== supervisor) process.exit(1);
    counts.tell();
    imports?.tell();
  });
}

/** The listener stays: without one, the channel would not keep the process alive. */
function toldConfig(): Promise<AppConfig> {
  return new Promise((resolve) => {
    process.on("message", (received) => {
      const message = received as SupervisorMessage;
      if (message.type === "start") resolve(message.config);
    });
  });
}

function required(builtin: BuiltinHandler | undefined): BuiltinHandler {
  if (builtin === undefined) {
    throw new Error("there is no handler: neither a path nor a built-in one");
  }
  return builtin;
}

type Order = Exclude<SupervisorMessage, { type: "start" | "listen" }>;

async function obey(
  app: App,
  counts: Counts,
  forwarder: Forwarder,
  message: Order,
): Promise<void> {
  switch (message.type) {
    case "snapshot":
      return counts.tell(message.id);
    case "checks":
      return send({ type: "checks", id: message.id, results: await app.runChecks(message.probe) });
    case "metrics":
      return send({ type: "metrics", id: message.id, metrics: await app.handlerMetrics() });
    case "steer":
      return send({ type: "steered", id: message.id, done: await steered(message) });
    case "drain":
      return app.drain();
    case "stop":
      return await stop(app, counts, message.timeout);
    case "answer":
      return forwarder.answer(message);
  }
}

async function stop(app: App, counts: Counts, timeout: number): Promise<void> {
  const outcome = await app.stop(timeout);
  const { error, ...stopped } = outcome;
  const told = error === undefined ? {} : { error: trouble(error) };
  const clean = error === undefined && outcome.cut === 0;
  // What was counted since the last heartbeat must not be lost with this process.
  counts.tell();
  send({ type: "stopped", ...stopped, ...told }, () => process.exit(clean ? 0 : 1));
}

async function steered({ port, places, until }: Order & { type: "steer" }): Promise<boolean> {
  if (Date.now() >= until) return false;
  // Late: most processes never come to it.
  const { steer } = await import("./steering.ts");
  try {
    return steer(port, places);
  } catch (error) {
    log.debug("new connections cannot be steered: {error}", { error: describe(error) });
    return false;
  }
}

/** Tells the supervisor what has been counted: of the requests only when they have become more. */
class Counts {
  readonly #app: App;
  #told = -1;

  constructor(app: App) {
    this.#app = app;
  }

  /** @param id of the question that this answers; without one it is a heartbeat */
  tell(id?: number): void {
    const { requests, ...rest } = this.#app.snapshot();
    const { revision } = this.#app;
    const more = revision === this.#told ? {} : { requests };
    send({ type: "snapshot", ...(id === undefined ? {} : { id }), ...rest, ...more });
    this.#told = revision;
  }
}

/** Tells the supervisor what the handler has imported, whenever it has become more. */
class Imports {
  readonly #imported = runtime.noteImports();
  #told = 0;

  tell(): void {
    const files = this.#imported();
    if (files.length === this.#told) return;
    this.#told = files.length;
    send({ type: "imports", files });
  }
}

/** Takes probe requests to the supervisor and its answers back. */
class Forwarder {
  #last = 0;
  readonly #waiting = new Map<number, (response: Response) => void>();

  readonly forward = (request: Request): Promise<Response> => {
    const { method, url, headers } = request;
    if (method !== "GET" && method !== "HEAD" && method !== "POST") {
      const init = { status: 405, headers: { Allow: "GET, HEAD, POST" } };
      return Promise.resolve(new Response("use GET, HEAD or POST\n", init));
    }
    const id = ++this.#last;
    send({ type: "probe", id, method, path: pathOf(url), accept: headers.get("accept") });
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  };

  answer({ id, status, headers, body }: ProbeAnswer): void {
    this.#waiting.get(id)?.(new Response(body === "" ? null : body, { status, headers }));
    this.#waiting.delete(id);
  }
}

/**
 * Reports what nobody caught, then lets the process die of it as the runtime would.
 *
 * A handler with listeners of its own decides for itself; this one then keeps out of it.
 */
function reportUncaught(): void {
  let dying = false;
  const die = (error: unknown): void => {
    if (dying) return;
    dying = true;
    log.error("uncaught: {error}", { error: summary(error), stack: inspect(error) });
    send({ type: "crashed", ...trouble(error) }, () => process.exit(1));
  };
  process.on("uncaughtException", (error) => {
    if (process.listenerCount("uncaughtException") === 1) die(error);
  });
  process.on("unhandledRejection", (error) => {
    if (process.listenerCount("unhandledRejection") > 1) return;
    // As Node and Deno do: a rejection that nobody handles becomes an uncaught exception.
    if (process.listenerCount("uncaughtException") === 1) die(error);
    else (process as EventEmitter).emit("uncaughtException", error, "unhandledRejection");
  });
}

/** Sends to the supervisor. `sent` is called once the message has left, or never can. */
function send(message: AppMessage, sent?: () => void): void {
  if (process.connected !== true || process.send === undefined) return sent?.();
  process.send(message, undefined, undefined, () => sent?.());
}

function trouble(error: unknown): { message: string; trace: string } {
  // Where in Hurricane it could not listen is of no use to anybody.
  const trace = error instanceof ListenError ? summary(error) : errorTrace(error);
  return { message: summary(error), trace: plain(trace) };
}

function summary(error: unknown): string {
  return plain(error instanceof ListenError ? error.message : describe(error));
}

function inspect(error: unknown): string {
  return plain(runtime.inspect(error));
}

/** Deno colours the messages of the errors that it throws itself. */
function plain(text: string): string {
  if (!text.includes("\x1b")) return text;
  return process.getBuiltinModule("node:util").stripVTControlCharacters(text);
}
