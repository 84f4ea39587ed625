/**
 * Makes a fetch handler a good citizen of Kubernetes: probes, a request queue that is counted,
 * commands before it serves, webhooks, metrics, and a graceful shutdown.
 *
 * @example A whole program around a handler, with Hurricane's command line
 * ```ts ignore
 * import { main } from "@hurricane/hurricane";
 *
 * await main({ handler: () => import("./handler.ts") });
 * ```
 *
 * @example A service inside this process
 * ```ts
 * import { serve } from "@hurricane/hurricane";
 *
 * const service = await serve(() => new Response("hello"), { port: 0, host: "127.0.0.1" });
 * const response = await fetch(service.url);
 * console.assert(await response.text() === "hello");
 * await service.stop();
 * ```
 *
 * @module
 */
import type { BuiltinHandler } from "./app/handler.ts";
import { exportedHandler } from "./app/load.ts";
import type { HandlerModule } from "./handler_types.ts";
import { requireDirectories, requireTlsFiles } from "./options/files.ts";
import { resolveOptions } from "./options/resolve.ts";
import type { ServeInput } from "./options/serve_input.ts";
import type { ServiceOptions } from "./options/service_options.ts";
import { UsageError } from "./options/usage_error.ts";
import { configureLog, logger } from "./log.ts";
import type { Parts } from "./parts.ts";
import { start } from "./start.ts";
import type { MessagePump } from "./supervisor/amqp/message_pump.ts";
import { productionFront } from "./supervisor/front/choose.ts";
import { LocalApp } from "./supervisor/process/local_app.ts";
import { Service } from "./supervisor/service.ts";

export type {
  Answer,
  BunInfo,
  Check,
  Checks,
  DenoInfo,
  ExecutionContext,
  FetchFunction,
  Handler,
  HandlerModule,
  Info,
} from "./handler_types.ts";
export { NotAHandler } from "./app/handler.ts";
export type { Duration, ServeInput as ServeOptions, Size } from "./options/serve_input.ts";
export { UsageError } from "./options/usage_error.ts";
export { TracedError } from "./errors.ts";
export { CommandFailure } from "./commands/run.ts";
export type { LogFormat, LogLevel } from "./log.ts";

/** A program with a handler in it. */
export interface MainOptions {
  /**
   * The handler's module, or a function that imports it. With a function, the module is loaded only
   * in the process that serves it; a module that is given as such is loaded in the supervisor, too,
   * and one that throws while it is imported takes the supervisor's probes and webhooks with it.
   */
  handler: HandlerModule | (() => HandlerModule | Promise<HandlerModule>);
  /** What help and log call it. Default `app`. */
  name?: string;
  /** Arguments of `serve` that flags and variables override, as in `["--port", "80"]`. */
  defaults?: readonly string[];
  /**
   * Loads the handler's `prom-client`, in a program that is bundled: elsewhere Hurricane finds it.
   */
  promClient?: () => Promise<unknown>;
}

/** Deno's compiler keeps what is imported by a text. */
const parts = {
  app: () => import("./app/process.ts"),
  pump: () => import("./amqp/process.ts"),
  cli: () => import("./cli/main.ts"),
  /** What others import late, and out of Deno's sight. Nobody calls it: that it stands here is enough. */
  late: () => [
    import("./app/access_head.ts"),
    import("./app/named_requests.ts"),
    import("./app/node/source.ts"),
    import("./app/otel/sdk.ts"),
    import("./app/static/files.ts"),
    import("./app/steering.ts"),
    import("./app/tls.ts"),
    import("./app/told_log.ts"),
    import("./cli/commands.ts"),
    import("./cli/help.ts"),
    import("./cli/run_service.ts"),
    import("./cli/usage_log.ts"),
    import("./options/config_toml.ts"),
    import("./supervisor/amqp/pump_process.ts"),
    import("./supervisor/development/debugger_port.ts"),
    import("./supervisor/development/terminal.ts"),
    import("./supervisor/front/development.ts"),
    import("./supervisor/status.ts"),
  ],
} satisfies Parts & Record<"late", unknown>;

/**
 * Runs the whole command line around a handler, as the executables that `hurricane build` makes do.
 *
 * Reads the arguments and the environment of the process, and ends the process when it is done: 0
 * stopped as asked, 1 failed to start or had to give up, 2 used wrongly.
 *
 * @example
 * ```ts ignore
 * import { main } from "@hurricane/hurricane";
 *
 * // Not awaited: a handler that opens its server by itself, but never does, is noticed when nothing is
 * // left to do, and for that this module must have ended.
 * void main({ handler: () => import("./handler.ts") });
 * ```
 */
export async function main(options: MainOptions): Promise<void> {
  const { handler, name = "app", defaults = [], promClient } = options;
  const builtin: BuiltinHandler = {
    name,
    module: handler,
    defaults,
    ...(promClient === undefined ? {} : { promClient }),
  };
  await start(parts, builtin);
}

/** A service that runs in this process. */
export interface RunningService {
  /** Where the handler is reached, without a slash at the end. */
  readonly url: string;
  /** Where the probes and the metrics are reached; `undefined` with `probe: false`. */
  readonly probeUrl: string | undefined;
  /**
   * Drains and stops it, as SIGTERM does for `hurricane serve`: calls `onDrain`, serves on for
   * `shutdownDelay`, lets requests in flight finish for up to `shutdownTimeout`, then runs `onShutdown` and delivers what
   * webhooks are left. Resolves with `true` where nothing was cut off and nothing failed.
   */
  stop(): Promise<boolean>;
}

/**
 * Serves a handler in this process, with everything that `hurricane serve` has: for tests, and for
 * programs that embed Hurricane.
 *
 * As there is no second process, probes do not answer while the handler blocks the event loop, and
 * a handler that ends the process ends all of it. Signals are left alone: call `stop`.
 *
 * @param handler A handler in any form that a module may export it in (a function, an object with a
 * `fetch` method, an application of Express, Koa, Fastify or Nest), or such a module, with its `checks`, `onDrain` and
 * `onShutdown`.
 * @param options Those of `hurricane serve`; times as `"5s"` or in milliseconds, sizes as `"1mb"` or
 * in bytes.
 * @throws {UsageError} If an option is wrong.
 * @throws {NotAHandler} If there is no handler in what was given.
 * @throws {CommandFailure} If a command fails.
 *
 * @example
 * ```ts
 * import { serve } from "@hurricane/hurricane";
 *
 * const app = { fetch: (request: Request) => new Response(new URL(request.url).pathname) };
 * const service = await serve(app, { port: 0, host: "127.0.0.1", reqQueueLen: 5 });
 * const ready = await fetch(`${service.probeUrl}/ready`);
 * console.assert(ready.status === 200);
 * await ready.body?.cancel();
 * console.assert(await service.stop());
 * ```
 */
export async function serve(handler: object, options: ServeInput = {}): Promise<RunningService> {
  const resolved = resolveOptions(options);
  requireOneProcess(resolved);
  requireDirectories(resolved.static, "static");
  const warnings = requireTlsFiles(resolved, {
    cert: "tlsCert",
    key: "tlsKey",
    clientCa: "tlsClientCa",
  });
  const found = await exportedHandler("the handler", asModule(handler));
  configureLog(resolved);
  for (const warning of warnings) logger("supervisor").warn("{warning}", { warning });
  const front = productionFront(
    resolved,
    (app, respond) => new LocalApp(found, app, respond),
    { oneOnly: true },
  );
  const service = new Service(resolved, front, undefined, {
    pump: await pumpFor(resolved),
  });
  await service.start();
  return {
    url: service.url,
    probeUrl: service.probeUrl,
    stop: async () => await service.stop() === 0,
  };
}

/** Late: most services have no broker. */
async function pumpFor(options: ServiceOptions): Promise<MessagePump | undefined> {
  if (options.amqpUrl === undefined) return undefined;
  const { localPump } = await import("./supervisor/amqp/local_pump.ts");
  return localPump(options.amqpUrl, options);
}

/** What there are other processes for is refused where there are none. */
function requireOneProcess(options: ServiceOptions): void {
  const { workers, maxLifetime, maxMemory, autoreload } = options;
  if (options.debugger) {
    throw new UsageError(
      "debugger shows the handler's own process, and serve() has it in this one: start this program " +
        "with the runtime's inspector (bun --inspect, deno run --inspect)",
    );
  }
  if (options.otel) {
    throw new UsageError(
      "otel needs a process of its own, and serve() has it in this one: set up OpenTelemetry's SDK in this " +
        "program, or use main(), or hurricane serve",
    );
  }
  const wanted = Object.entries({
    workers: workers > 1,
    maxLifetime: maxLifetime !== undefined,
    maxMemory: typeof maxMemory === "number",
    maxHeaderSize: options.maxHeaderSize !== undefined,
    autoreload,
  });
  for (const [name, given] of wanted) {
    if (!given) continue;
    throw new UsageError(
      `${name} needs processes of its own, and serve() has one: use main(), or hurricane serve`,
    );
  }
}

/** A module as it is; what a module would export by default, as such a module. */
function asModule(handler: object): HandlerModule {
  if (typeof handler === "function") return { default: handler };
  if ("default" in handler) return handler as HandlerModule;
  const { checks, onDrain, onShutdown } = handler as HandlerModule;
  // They may be methods, as `fetch` is one.
  const bound = <Value>(value: Value): Value =>
    typeof value === "function" ? value.bind(handler) : value;
  return { default: handler, checks, onDrain: bound(onDrain), onShutdown: bound(onShutdown) };
}
