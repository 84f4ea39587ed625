import process from "node:process";
import { describe } from "../errors.ts";
import { configureUnblockedLog, leaveLog, logger } from "../log.ts";
import { keepListening } from "./kept_listeners.ts";
import { pathOf } from "../request_head.ts";
import { runtime } from "../runtime/mod.ts";
import { handlerVariable } from "../runtime/variables.ts";
import { restPatience, scrapeTimeoutHeader } from "../timeline.ts";
import { expired, within } from "../within.ts";
import { App } from "./app.ts";
import { Channel, type Port } from "./channel.ts";
import { addressOf, Adoption } from "./adoption.ts";
import type { TakePart } from "./handler_metrics.ts";
import type { BuiltinHandler, HandlerParts } from "./handler.ts";
import { loadBuiltin, loadHandler } from "./load.ts";
import type { AppConfig, AppOptions } from "./options.ts";
import { lastReading } from "../metrics/limits.ts";
import { isDisabled } from "./otel/environment.ts";
import type { Traces } from "./otel/traces.ts";
import type { AppEnd, SupervisorEnd } from "./protocol.ts";
import { ignoreStopSignals, StopListeners } from "./stop_signals.ts";
import { reportUncaught, trouble } from "./trouble.ts";
import { Date, JSON, processNatives, Promise, Response, setImmediate } from "../natives.ts";

const log = logger("handler");

type Supervisor = Channel<AppEnd, SupervisorEnd>;

/**
 * The life of a process that runs the handler, from its configuration to its exit.
 *
 * Whatever fails is told to the supervisor first. The process ends when the supervisor says so, or
 * when the supervisor is gone: an orphan that still listens would keep the port from its successor.
 *
 * @param given as JSON; empty where the supervisor sends it once it knows it
 */
export async function runAppProcess(given: string, builtin?: BuiltinHandler): Promise<void> {
  keepListening("disconnect", () => processNatives.exit(1));
  ignoreStopSignals();
  if (runtime.compiled) process.env[handlerVariable] = "";
  const parent = process.ppid;
  // Not every end of the supervisor is seen as a disconnect.
  const exitIfOrphaned = (): void => {
    if (process.ppid !== parent) processNatives.exit(1);
  };
  const supervisor: Supervisor = new Channel(kept);
  const config = given === "" ? await toldConfig(supervisor) : JSON.parse(given) as AppConfig;
  configureUnblockedLog(config.options);
  keepListening("exit", leaveLog);
  if (config.options.tellLog) {
    // Late: it is for development.
    const { tellLog } = await import("./told_log.ts" as string) as typeof import("./told_log.ts");
    tellLog((line) => supervisor.tell("logged", line));
  }
  // As for a program that the runtime has started itself: some look whether they are that.
  if (config.handler !== undefined) process.argv[1] = config.handler;
  runtime.keepChannel?.();
  const crash = (error: AppEnd["tells"]["crashed"]): void =>
    supervisor.tell("crashed", error, () => processNatives.exit(1));
  let starting = true;
  const uncaught = reportUncaught(crash, () => starting);
  let app: App;
  let counts: Counts;
  const imports = config.options.tellImports ? new Imports(supervisor) : undefined;
  try {
    const inspector = config.options.inspector ? await runtime.openInspector() : undefined;
    const traces = await tracesOf(config.options);
    const { maxHeaderSize } = config.options;
    if (maxHeaderSize !== undefined) runtime.limitHeads?.(maxHeaderSize);
    const adoption = holdServers(config.options);
    const waits = (what: string): void => supervisor.tell("waits", what);
    const { handler, rest } = config.handler === undefined
      ? await loadBuiltin(required(builtin), adoption, waits)
      : await loadHandler(config.handler, adoption, waits);
    app = new App(handler, config.options, traces);
    // A rejection that nobody handles is told of after this turn: it is a failed start then.
    await new Promise((resolve) => setImmediate(resolve));
    counts = new Counts(app, supervisor);
    const turn = Promise.withResolvers<number>();
    obey(supervisor, app, counts, (port) => turn.resolve(port));
    imports?.tell();
    supervisor.tell("loaded", undefined);
    const forward = config.options.probePaths.length > 0 ? probeForwarder(supervisor) : undefined;
    const address = await app.listen(
      await turn.promise,
      forward,
      (error) => crash(trouble(error)),
    );
    adoption.listening(address);
    const tell = (): void => {
      const { checks } = app;
      const { held } = handler;
      supervisor.tell("listening", {
        ...address,
        checks,
        ...(held && { adopted: `${held.opener} on ${addressOf(held)}` }),
        ...(inspector && { inspector }),
      });
    };
    if (rest !== undefined) await takeRest(app, rest, { late: tell, failed: uncaught });
    tell();
    starting = false;
  } catch (error) {
    supervisor.tell("failed", trouble(error), () => processNatives.exit(1));
    return;
  }
  // A handler that blocks cannot notice the end of the supervisor. Late: a start does not wait for it.
  setImmediate(() => {
    runtime.dieWithParent();
    exitIfOrphaned();
  });
  app.startHeartbeat(() => {
    exitIfOrphaned();
    counts.tell();
    imports?.tell();
  });
}

/** The way to the supervisor, which the handler may use but not close. */
const kept: Port = {
  get connected(): boolean {
    return process.connected;
  },
  on: keepListening,
  ...processNatives.send === undefined ? {} : { send: processNatives.send },
};

/** Where requests are traced, unless the runtime does that by itself. */
async function tracesOf({ otel, trustedProxy }: AppOptions): Promise<Traces | undefined> {
  if (!otel || runtime.traces || isDisabled(process.env)) return undefined;
  // Late: it takes as long as half a start.
  const { startTracing } = await import(
    "./otel/sdk.ts" as string
  ) as typeof import("./otel/sdk.ts");
  return startTracing(process.env, trustedProxy);
}

/** Has the handler find the port in its environment, and holds whatever server it opens. */
function holdServers({ hostname, publicPort, adoptPort }: AppOptions): Adoption {
  const adoption = new Adoption({ port: publicPort, adoptPort });
  if (publicPort !== 0) process.env["PORT"] = String(publicPort);
  runtime.holdServers({ hostname, port: publicPort }, adoption.hold);
  return adoption;
}

/**
 * Takes up what the handler's module exports: that is known when its import ends, for which its server
 * had to listen. Rejects with what the import threw, where that is soon.
 *
 * @param late what is called where it takes longer
 */
async function takeRest(
  app: App,
  rest: Promise<HandlerParts>,
  late: { late(): void; failed(error: unknown): void },
): Promise<void> {
  const taken = rest.then((parts) => app.take(parts));
  if (await within(restPatience, taken) === expired) taken.then(late.late, late.failed);
}

/** From here on the channel keeps the process alive. */
function toldConfig(supervisor: Supervisor): Promise<AppConfig> {
  return new Promise((resolve) => supervisor.listen({ told: { start: resolve } }));
}

function required(builtin: BuiltinHandler | undefined): BuiltinHandler {
  if (builtin === undefined) {
    throw new Error("there is no handler: neither a path nor a built-in one");
  }
  return builtin;
}

/** Does what the supervisor says, and answers what it asks. */
function obey(
  supervisor: Supervisor,
  app: App,
  counts: Counts,
  listen: (port: number) => void,
): void {
  supervisor.listen({
    told: {
      listen: ({ port }) => listen(port),
      drain: () => app.drain(),
      stop: ({ timeout }) => void stop(supervisor, app, counts, timeout),
    },
    asked: {
      snapshot: () => void counts.tell(),
      checks: ({ probe }) => app.stirred(() => app.runChecks(probe)),
      metrics: ({ timeout, reading }) =>
        app.stirred(async () => ({
          missing: await app.handlerMetrics(timeout, tellSeries(supervisor, reading)),
        })),
      steer: (question) => app.stirred(() => steered(question)),
    },
  });
}

async function stop(
  supervisor: Supervisor,
  app: App,
  counts: Counts,
  timeout: number,
): Promise<void> {
  const metrics = tellSeries(supervisor, lastReading);
  const { error, ...stopped } = await app.stop(timeout, metrics, new StopListeners());
  const told = error === undefined ? {} : { error: trouble(error) };
  const clean = error === undefined && stopped.cut === 0;
  // What was counted since the last heartbeat must not be lost with this process.
  counts.tell();
  supervisor.tell("stopped", { ...stopped, ...told }, () => processNatives.exit(clean ? 0 : 1));
}

/** Tells metrics for one reading of them. Others have their turn between two parts. */
function tellSeries(supervisor: Supervisor, reading: number): TakePart {
  return (metric) =>
    new Promise((resolve) =>
      supervisor.tell("series", { reading, metric }, () => setImmediate(resolve))
    );
}

async function steered(
  { port, places, until }: SupervisorEnd["asks"]["steer"]["question"],
): Promise<boolean> {
  if (Date.now() >= until) return false;
  // Late: most processes never come to it.
  const { steer } = await import("./steering.ts" as string) as typeof import("./steering.ts");
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
  readonly #supervisor: Supervisor;
  #sentRevision = -1;

  constructor(app: App, supervisor: Supervisor) {
    this.#app = app;
    this.#supervisor = supervisor;
  }

  tell(): void {
    const { revision, rests } = this.#app;
    const counts = revision === this.#sentRevision ? this.#app.state : this.#app.snapshot();
    this.#supervisor.tell("snapshot", rests ? { ...counts, rests } : counts);
    this.#sentRevision = revision;
  }
}

/** How many files are told of in one message, which has a limit: a path may have 4 kB. */
const mostFiles = 200;

/** Tells the supervisor what the handler has imported, whenever it has become more. */
class Imports {
  readonly #supervisor: Supervisor;
  readonly #imported = runtime.noteImports();
  readonly #told = new Set<string>();

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
  }

  tell(): void {
    const files = this.#imported();
    if (files.length === this.#told.size) return;
    const further = files.filter((file) => !this.#told.has(file));
    for (let from = 0; from < further.length; from += mostFiles) {
      this.#supervisor.tell("imports", further.slice(from, from + mostFiles));
    }
    for (const file of further) this.#told.add(file);
  }
}

/** Takes probes that come in on the handler's port to the supervisor, and its answers back. */
function probeForwarder(supervisor: Supervisor): (request: Request) => Promise<Response> {
  return async ({ method, url, headers }) => {
    runtime.forgetSpan?.();
    if (method !== "GET" && method !== "HEAD" && method !== "POST") {
      const init = { status: 405, headers: { Allow: "GET, HEAD, POST" } };
      return new Response("use GET, HEAD or POST\n", init);
    }
    const probe = {
      method,
      path: pathOf(url),
      accept: headers.get("accept"),
      scrapeTimeout: headers.get(scrapeTimeoutHeader),
    } as const;
    const answer = await supervisor.ask("probe", probe);
    if (answer === undefined) return new Response("no answer\n", { status: 503 });
    const { body, ...head } = answer;
    return new Response(body === "" ? null : body, head);
  };
}
