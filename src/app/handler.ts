import type { Server } from "node:http";
import process from "node:process";
import { TracedError } from "../errors.ts";
import type { FetchHandler, HeldServer, HeldWeb } from "../runtime/mod.ts";
import { BackgroundWork } from "./background.ts";
import type { Checks } from "../handler_types.ts";
import { isPromise } from "../natives.ts";

/** What a module exports, of which nothing is known yet; by its author's intent a `HandlerModule`. */
export type ModuleExports = Record<string, unknown>;

/** A handler that is part of the program, instead of a file named on the command line. */
export interface BuiltinHandler {
  /** What the log and the help call it. */
  name: string;
  /** Its module. A function is called only in the process that serves it. */
  module: ModuleExports | (() => ModuleExports | Promise<ModuleExports>);
  /** Arguments of `serve` that flags and variables override. */
  defaults?: readonly string[];
  /** Loads the `prom-client` that the handler uses, where it cannot be found among the modules. */
  promClient?: () => Promise<unknown>;
}

/** What a module may export besides what answers its requests. */
export interface HandlerParts {
  name: string;
  checks: Checks;
  /** Called once, when draining begins. */
  onDrain?: () => unknown;
  /** Called once, after the last request. */
  onShutdown?: () => unknown;
  /** Loads the `prom-client` that it uses, where that is known. */
  promClient?: () => Promise<unknown>;
  /** The server that it has opened by itself, where that is adopted. */
  held?: HeldServer;
  /** What it does besides its requests, where it can tell of that. */
  background?: BackgroundWork;
}

/** A handler that answers a `Request` with a `Response`. */
export interface WebHandler extends HandlerParts, Omit<HeldWeb, "fields"> {
  /** The default export's own fields besides `fetch`; the runtime picks what it knows. */
  fields: Readonly<Record<string, unknown>>;
}

/** A handler that is a server of `node:http`. */
export interface NodeHandler extends HandlerParts {
  node: Server;
}

/** What Hurricane takes from a handler's module. */
export type Handler = WebHandler | NodeHandler;

/** The module holds nothing that could serve, or has exports that Hurricane knows and cannot use. */
export class NotAHandler extends TracedError {
  /** `NotAHandler` */
  override name = "NotAHandler";

  /** Where in Hurricane it was noticed is of no use to anybody. */
  get trace(): string {
    return this.message;
  }
}

/**
 * Finds the handler in a module: a default export with a `fetch` method, a default-exported
 * function, or a named export `fetch`.
 *
 * Throws {@linkcode NotAHandler} where there is none, and where `checks`, `onDrain` or `onShutdown` is
 * not what it should be.
 */
export function handlerFrom(name: string, module: ModuleExports): WebHandler {
  const main = module["default"];
  refuseUnfinished(name, main);
  const shared = partsFrom(name, module);
  const background = new BackgroundWork();
  if (hasFetch(main)) {
    return {
      ...shared,
      background,
      fetch: withContext(main.fetch, main, background),
      fields: main,
    };
  }
  const found = typeof main === "function" ? main : module["fetch"];
  if (typeof found === "function") {
    const fetch = withContext(found as FetchHandler, undefined, background);
    return { ...shared, background, fetch, fields: {} };
  }
  refuseFetch(name, module);
  const exported = Object.keys(module);
  throw new NotAHandler(
    `${name} has no handler: it exports ${
      exported.length === 0 ? "nothing" : exported.join(", ")
    }; export default an object with a fetch method or a function (request) => Response`,
  );
}

/**
 * A handler that takes three arguments is written for Cloudflare: its second is the environment, which
 * for a process is `process.env`. For the others that is what the runtime gives.
 */
function withContext(
  fetch: FetchHandler,
  self: unknown,
  { context }: BackgroundWork,
): FetchHandler {
  const call = fetch as (this: unknown, ...args: unknown[]) => ReturnType<FetchHandler>;
  return fetch.length > 2
    ? (request) => call.call(self, request, process.env, context)
    : (request, info) => call.call(self, request, info, context);
}

/** Refuses what a handler is only made of: throws {@linkcode NotAHandler}. */
export function refuseUnfinished(name: string, main: unknown): void {
  if (isPromise(main)) {
    throw new NotAHandler(`${name} exports a promise; export default await what it promises`);
  }
  if (typeof main === "function" && /^class\b/.test(String(main)) && !hasFetch(main)) {
    throw new NotAHandler(
      `${name} exports the class ${
        main.name || "without a name"
      }; export an object of it: export default new ${main.name || "…"}()`,
    );
  }
}

/** Refuses a `fetch` that is no function, wherever it is exported: throws {@linkcode NotAHandler}. */
export function refuseFetch(name: string, { default: main, fetch }: ModuleExports): void {
  for (const [what, value] of [["default.fetch", Object(main).fetch], ["fetch", fetch]] as const) {
    if (value === undefined) continue;
    throw new NotAHandler(
      `${name} has no handler: what it exports as ${what} is ${
        kindOf(value)
      }; a function (request) => Response is needed`,
    );
  }
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return /^[aeiou]/.test(typeof value) ? `an ${typeof value}` : `a ${typeof value}`;
}

/**
 * What a module exports besides its handler.
 *
 * Throws {@linkcode NotAHandler} where `checks`, `onDrain` or `onShutdown` is not what it should be.
 */
export function partsFrom(name: string, module: ModuleExports): HandlerParts {
  return {
    name,
    checks: checksFrom(module["checks"]),
    ...functionFrom(module, "onDrain"),
    ...functionFrom(module, "onShutdown"),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** A function may have a `fetch` method, too: a class with a static one. */
function hasFetch(value: unknown): value is { fetch: FetchHandler } & Record<string, unknown> {
  const holder = isObject(value) || typeof value === "function";
  return holder && typeof (value as { fetch?: unknown }).fetch === "function";
}

function functionFrom<Name extends "onDrain" | "onShutdown">(
  module: ModuleExports,
  name: Name,
): Partial<Record<Name, () => unknown>> {
  const value = module[name];
  if (value === undefined) return {};
  if (typeof value !== "function") {
    throw new NotAHandler(`${name} is ${typeof value}; export a function`);
  }
  return { [name]: value } as Record<Name, () => unknown>;
}

function checksFrom(value: unknown): Checks {
  if (value === undefined) return {};
  if (!isObject(value)) throw new NotAHandler(`checks is ${typeof value}; export an object`);
  for (const [probe, group] of Object.entries(value)) {
    if (probe !== "readiness" && probe !== "liveness") {
      throw new NotAHandler(
        `checks.${probe} is unknown; there are checks.readiness and checks.liveness`,
      );
    }
    if (!isObject(group)) {
      throw new NotAHandler(`checks.${probe} is ${typeof group}; it holds functions by name`);
    }
    for (const [name, check] of Object.entries(group)) {
      if (typeof check === "function") continue;
      throw new NotAHandler(`checks.${probe}.${name} is ${typeof check}, not a function`);
    }
  }
  return value as Checks;
}
