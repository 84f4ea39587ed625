import { describe } from "../errors.ts";
import { logger } from "../log.ts";
import type { RequestCounters } from "../metrics/requests.ts";
import { runtime } from "../runtime/mod.ts";
import { pathOf, targetOf } from "../request_head.ts";
import type { FetchHandler } from "../runtime/runtime.ts";
import { closing, misaddressed, overloaded, plain500 } from "./answers.ts";
import type { AccessLog } from "./access_log.ts";
import type { AppOptions } from "./options.ts";
import type { LoopWait } from "./loop_wait.ts";
import type { Traces } from "./otel/traces.ts";
import type { PendingRequests } from "./pending_requests.ts";
import { requestPath } from "./request_path.ts";
import type { RequestPathOptions } from "./request_path_options.ts";
import { ThrownErrors } from "./thrown_errors.ts";

const log = logger("handler");

/** Answers a probe request that came in on the handler's port. */
export type ProbeForwarder = (request: Request) => Promise<Response>;

/** A handler as the runtime's server takes it. */
export interface Served {
  fetch: FetchHandler;
  /** What its default export has besides, as the server knows it: Bun's `routes`, for one. */
  fields: Readonly<Record<string, unknown>>;
  /** Its own answer to what its `fetch` throws, where that is none of the fields. */
  onError?: (error: unknown) => Response | Promise<Response>;
}

/** A handler with its layers around it. */
export interface Layered extends Pick<Served, "fetch" | "fields"> {
  /** Puts layers 0 to 4 around each of its `routes`. */
  wrap(handler: FetchHandler, route?: string): FetchHandler;
  /** Answers for what the layers let through of its errors: see {@linkcode ThrownErrors}. */
  onError(error: unknown): Response;
}

/** What the layers around a handler work with. */
export interface LayerParts {
  counters: RequestCounters;
  /** Set while draining. */
  draining: { now: boolean };
  access: AccessLog | undefined;
  traces: Traces | undefined;
  pending: PendingRequests;
  /** Where requests that have waited for too long are refused. */
  loopWait: LoopWait | undefined;
  /** Where the probes share the handler's port. */
  forwardProbe: ProbeForwarder | undefined;
}

/**
 * Puts around a handler all that a request passes on its way to it. This is the one place where
 * that is put together. From the outside in, for `fetch` as for each of Bun's `routes`:
 *
 * 0. a request whose `Host` is none is refused, counted and logged, before anything is decided on its
 *    path;
 * 1. the probes, where they share the port: what is for them is neither counted nor refused nor
 *    logged;
 * 2. the request path: it counts, refuses what is too much, answers for a handler that throws,
 *    writes the access log, and asks clients to go while draining; so all of that holds for files,
 *    too. With `--otel` a span begins before that, and the layers below are called within it;
 * 3. on Bun, what has the event loop turn where the handler blocks;
 * 4. the files of `--static`: what is one of them never gets to the handler;
 * 5. the handler's own function.
 *
 * A layer that is not wanted is not there: it costs a request nothing.
 */
export async function layered(
  { fetch, fields, onError: ownError }: Served,
  options: AppOptions,
  parts: LayerParts,
): Promise<Layered> {
  const errors = new ThrownErrors();
  const own = ownError === undefined ? fields : { ...fields, error: ownError };
  const counted = counting(own, options, parts, errors);
  const files = await filesFirst(options.static);
  const turning = runtime.turning ?? ((handler: FetchHandler) => handler);
  const late = options.maxWait === undefined ? undefined : {
    after: options.maxWait,
    refuse: () => {
      parts.counters.recordShed("wait");
      return overloaded();
    },
  };
  // Where nothing else looks at the URL, the handler has it as the runtime gives it.
  const isRead = runtime.hostChoosesPath || parts.forwardProbe !== undefined ||
    options.static.length > 0 || options.accessLog || parts.traces !== undefined;
  const inside = parts.traces === undefined ? files : traced(files, parts.traces);
  const named = options.requestId ? await namedFirst(errors) : (handler: FetchHandler) => handler;
  const addressed = isRead
    ? addressedFirst(named(counted(() => misaddressed())))
    : (handler: FetchHandler) => handler;
  const wrap = (handler: FetchHandler, route?: string): FetchHandler =>
    named(counted(turning(inside(handler), late), route));
  const onError = (error: unknown): Response =>
    errors.take(error) ?? unexpected(error, parts.draining.now);
  const { forwardProbe } = parts;
  const inner = { fetch: wrap(fetch), fields };
  const around = forwardProbe === undefined
    ? inner
    : probesFirst(options.probePaths, forwardProbe, inner);
  return {
    fetch: addressed(around.fetch),
    fields: around.fields,
    // The probes are among the routes by now, and are not counted there either.
    wrap: (handler, route) => addressed(handler === forwardProbe ? handler : wrap(handler, route)),
    onError,
  };
}

/** The answer to what nobody has told of: the runtime could not send a response, for one. */
function unexpected(error: unknown, draining: boolean): Response {
  log.error("a request failed after the handler had answered it: {error}", {
    error: describe(error),
    stack: runtime.inspect(error),
  });
  return draining ? closing(plain500()) : plain500();
}

/** Layer 0: RFC 9112 §3.2 demands it. What the request asks for is what the log says, too. */
function addressedFirst(refuse: FetchHandler): (handler: FetchHandler) => FetchHandler {
  return (handler) => (request, info) => {
    const target = runtime.misaddressed(request);
    if (target === undefined) return handler(request, info);
    Object.defineProperty(request, "url", { value: `http://localhost${target}` });
    return refuse(request, info);
  };
}

/** Layer 1. Bun's `routes` come before `fetch`, and the probes before both. */
function probesFirst(
  paths: readonly string[],
  forward: ProbeForwarder,
  { fetch, fields }: Served,
): Pick<Served, "fetch" | "fields"> {
  const known = new Set(paths.flatMap((path) => [path, `${path}/`]));
  const { routes, ...rest } = fields;
  const probes = Object.fromEntries([...known].map((path) => [path, forward]));
  return {
    fetch: (request, info) =>
      known.has(pathOf(request.url)) ? forward(request) : fetch(request, info),
    fields: routes === undefined ? rest : { ...rest, routes: { ...routes, ...probes } },
  };
}

/** Layer 2. */
function counting(
  fields: Served["fields"],
  { metrics, maxInflight }: AppOptions,
  { counters, draining, access, traces, pending, loopWait }: LayerParts,
  errors: ThrownErrors,
): (handler: FetchHandler, route?: string) => FetchHandler {
  const { error, websocket } = fields;
  const { now } = pending;
  const logged = access === undefined ? {} : logging(access);
  const counted = (handler: FetchHandler): FetchHandler =>
    requestPath(handler, {
      counters,
      metrics,
      ...(maxInflight === undefined ? {} : { maxInflight }),
      ...(loopWait === undefined ? {} : { loopWait }),
      draining,
      pending,
      errors,
      upgraded: websocket === undefined ? () => false : runtime.handedOver,
      inspect: runtime.inspect,
      now,
      ...(typeof error === "function" ? { onError: error as () => Response } : {}),
      settled: runtime.settled,
      ...(runtime.untouched === undefined ? {} : { untouched: runtime.untouched }),
      ...(runtime.readRest === undefined ? {} : { readRest: runtime.readRest }),
      ...(traces === undefined ? logged : tracing(traces, logged)),
    });
  return traces === undefined
    ? counted
    : (handler, route) => begun(counted(handler), traces, route);
}

/** Has the span of a request end with its answer, and have what was thrown. */
function tracing(traces: Traces, logged: Partial<Logged>): Partial<RequestPathOptions> {
  const { onAnswer } = logged;
  return {
    ...logged,
    onThrown: (request, error) => traces.thrown(request, error),
    onAnswer: (request, method, client, status, seconds, answer) => {
      traces.end(request, status);
      onAnswer?.(request, method, client, status, seconds, answer);
    },
  };
}

/** Begins the span of a request. */
function begun(handler: FetchHandler, traces: Traces, route: string | undefined): FetchHandler {
  return (request, info) => {
    const { method, url } = request;
    traces.begin(request, {
      method,
      target: targetOf(url),
      scheme: url.startsWith("https:") ? "https" : "http",
      peer: runtime.remoteAddress(request, info),
      route,
      header: (name) => runtime.headerOf(request, name) ?? undefined,
    });
    return handler(request, info);
  };
}

/** Has all that comes from the handler come within the span of its request. */
function traced(
  inner: (handler: FetchHandler) => FetchHandler,
  traces: Traces,
): (handler: FetchHandler) => FetchHandler {
  return (handler) => {
    const within = inner(handler);
    return (request, info) => traces.within(request, within, request, info);
  };
}

type Logged = Pick<RequestPathOptions, "clientOf" | "onAnswer">;

/** What the access log is told. What it is not asked for is not looked at. */
function logging(access: AccessLog): Logged {
  const { callerOf, wantsPeer, wantsBytes } = access;
  const peerOf = wantsPeer ? runtime.remoteAddress : undefined;
  const clientOf: Logged["clientOf"] = callerOf === undefined
    ? peerOf
    : (request, info) =>
      callerOf(peerOf?.(request, info), (name) => runtime.headerOf(request, name));
  return {
    ...(clientOf === undefined ? {} : { clientOf }),
    onAnswer: wantsBytes
      ? (request, method, client, status, seconds, answer) =>
        access.write(method, request.url, status, seconds, client, lengthOf(answer))
      : (request, method, client, status, seconds) =>
        access.write(method, request.url, status, seconds, client),
  };
}

/** The length of an answer, where it says so itself. */
function lengthOf(answer: Response | undefined): number | undefined {
  const length = answer?.headers.get("content-length");
  const bytes = typeof length === "string" && /^\d+$/.test(length) ? Number(length) : NaN;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Layer 2, where requests are to have names: it is around the counting, for the log has them, too. */
async function namedFirst(errors: ThrownErrors): Promise<(handler: FetchHandler) => FetchHandler> {
  const { namedRequests } = await import(
    "./named_requests.ts" as string
  ) as typeof import("./named_requests.ts");
  return namedRequests(errors);
}

/** Layer 4. What it needs is loaded only where there are files. */
async function filesFirst(
  directories: readonly string[],
): Promise<(handler: FetchHandler) => FetchHandler> {
  if (directories.length === 0) return (handler) => handler;
  const { staticFiles } = await import(
    "./static/files.ts" as string
  ) as typeof import("./static/files.ts");
  return staticFiles(directories);
}
