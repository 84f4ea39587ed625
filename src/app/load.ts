/**
 * From a module to what answers its requests: what it exports, or the server that it opens.
 *
 * @module
 */
import type { Server } from "node:http";
import { readFileSync } from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { errorTrace, TracedError } from "../errors.ts";
import { type HeldServer, runtime } from "../runtime/mod.ts";
import { waitingTold } from "../timeline.ts";
import { addressOf, type Adoption } from "./adoption.ts";
import {
  type BuiltinHandler,
  type Handler,
  handlerFrom,
  type HandlerParts,
  type ModuleExports,
  NotAHandler,
  partsFrom,
  refuseFetch,
  refuseUnfinished,
} from "./handler.ts";
import { nodeExport } from "./node/exported.ts";
import {
  clearInterval,
  isPromise,
  processNatives,
  Promise,
  setImmediate,
  setInterval,
} from "../natives.ts";

/** A handler, and what its module exports besides, which may be known only when it serves already. */
export interface Loaded {
  handler: Handler;
  /** Left out where the handler has it. Rejects with what the rest of the import threw. */
  rest?: Promise<HandlerParts>;
}

/** Is told what a handler is waited for that is imported and has opened no server, as a sentence. */
export type Waits = (what: string) => void;

/** Imports a handler from an absolute path. Rejects with what the import threw. */
export function loadHandler(file: string, adoption?: Adoption, waits?: Waits): Promise<Loaded> {
  return load(file, () => imported(file), adoption, waits);
}

async function imported(file: string): Promise<ModuleExports> {
  try {
    await runtime.prepareImport?.(file);
    return await import(pathToFileURL(file).href) as ModuleExports;
  } catch (error) {
    throw otherRuntimes(error) ?? error;
  }
}

/** What is wrong where a handler was written for the other runtime. */
function otherRuntimes(error: unknown): WrongRuntime | undefined {
  if (!(error instanceof ReferenceError)) return undefined;
  const [, name] = /\b(Bun|Deno)\b is(?: not defined|n't defined)/.exec(error.message) ?? [];
  return name === undefined ? undefined : new WrongRuntime(name, error);
}

/** The handler uses what only the other runtime has. */
class WrongRuntime extends TracedError {
  override name = "WrongRuntime";
  readonly trace: string;

  constructor(used: string, cause: ReferenceError) {
    const [here, other] = runtime.name === "bun" ? ["Bun", "Deno"] : ["Deno", "Bun"];
    super(
      `the handler uses ${used}, and this is ${here}: serve it with Hurricane on ${other}`,
      { cause },
    );
    this.trace = errorTrace(cause);
  }
}

/** Takes up a handler that is built in. Rejects with what loading it threw. */
export async function loadBuiltin(
  { name, module, promClient }: BuiltinHandler,
  adoption?: Adoption,
  waits?: Waits,
): Promise<Loaded> {
  const given = async (): Promise<ModuleExports> =>
    typeof module === "function" ? await module() : module;
  const { handler, ...rest } = await load(name, given, adoption, waits);
  return { handler: promClient === undefined ? handler : { ...handler, promClient }, ...rest };
}

async function load(
  name: string,
  importing: () => Promise<ModuleExports>,
  adoption: Adoption | undefined,
  waits: Waits = () => {},
): Promise<Loaded> {
  if (adoption === undefined) return { handler: await exportedHandler(name, await importing()) };
  const importedLater = importing();
  // What fails after a server was adopted is told of where the rest is waited for.
  importedLater.catch(() => {});
  const chosen = await Promise.race([adoption.chosen, importedLater.then(() => undefined)]);
  if (chosen !== undefined) {
    const handler = adopted({ name, checks: {} }, chosen);
    return { handler, rest: importedLater.then((module) => partsFrom(name, module)) };
  }
  const module = await settled(await importedLater);
  // On Bun, which server was the first to be opened is known in the next turn.
  await new Promise((resolve) => setImmediate(resolve));
  const held = await adoptable(module, adoption);
  if (held !== undefined) return { handler: adopted(partsFrom(name, module), held) };
  if (answers(module)) {
    const handler = await exportedHandler(name, module);
    adoption.none("node" in handler ? handler.node : undefined);
    return { handler };
  }
  refuseUnfinished(name, module["default"]);
  // What opens a server may have anything of that name.
  if (!adoption.any) refuseFetch(name, module);
  const opened = await awaited(name, module, adoption, waits);
  return { handler: adopted(partsFrom(name, module), opened) };
}

/** What an async function of the module gives, where that is what it exports. */
async function settled(module: ModuleExports): Promise<ModuleExports> {
  const main = module["default"];
  return isPromise(main) ? { ...module, default: await main } : module;
}

/**
 * Finds the handler among what a module exports. Rejects with {@linkcode NotAHandler} where there is none.
 */
export async function exportedHandler(name: string, module: ModuleExports): Promise<Handler> {
  const node = nodeExport(module["default"]);
  if (node === undefined) return handlerFrom(name, module);
  return { ...partsFrom(name, module), node: await node() };
}

/** Does it export what could answer? */
function answers(module: ModuleExports): boolean {
  const main = module["default"];
  return isWeb(module) || nodeExport(main) !== undefined;
}

function isWeb({ default: main, fetch }: ModuleExports): boolean {
  if (typeof (main as { fetch?: unknown } | null | undefined)?.fetch === "function") return true;
  return typeof main === "function" ? nodeExport(main) === undefined : typeof fetch === "function";
}

/**
 * The server that is adopted of those that the module has opened while it was imported. What it exports
 * comes first, unless a server is what it exports.
 */
async function adoptable(
  module: ModuleExports,
  adoption: Adoption,
): Promise<HeldServer | undefined> {
  const main = module["default"];
  if (isWeb(module)) {
    // Elysia's application has the server that its `listen` opened.
    const { server } = Object(main) as { server?: unknown };
    return adoption.first((held) => held.standIn !== undefined && held.standIn === server);
  }
  const node = nodeExport(main);
  if (node === undefined || !adoption.any) return adoption.first();
  const own = await node();
  return adoption.first((held) =>
    "node" in held.answers && isServerOf(held.answers.node, own, main)
  );
}

/** Is that the server of what was exported: itself, or one that has the exported function called? */
function isServerOf(held: Server, own: Server, main: unknown): boolean {
  return held === own || held.listeners("request").includes(main as () => void) ||
    // Koa makes another function each time.
    typeof (main as { callback?: unknown }).callback === "function";
}

function adopted(parts: HandlerParts, held: HeldServer): Handler {
  return { ...parts, ...held.answers, held };
}

/**
 * The server that a module opens after its import, as one does that calls an async function. Rejects
 * where there is nothing left that could open one.
 */
async function awaited(
  name: string,
  module: ModuleExports,
  adoption: Adoption,
  waits: Waits,
): Promise<HeldServer> {
  const { channel } = process;
  const waiting = setInterval(() => {
    const { opened, hint } = reasons(name, adoption.refused);
    const only = opened === "" ? "no server yet" : `only ${opened}, which cannot be adopted`;
    waits(`${name} is imported and has opened ${only}${hint}`);
  }, waitingTold);
  waiting.unref();
  // What keeps the process alive besides the channel may yet open a server.
  channel?.unref?.();
  const idle = Promise.withResolvers<undefined>();
  const onIdle = (): void => {
    channel?.ref?.();
    idle.resolve(undefined);
  };
  processNatives.once("beforeExit", onIdle);
  try {
    const held = await Promise.race([adoption.chosen, idle.promise]);
    if (held !== undefined) return held;
  } finally {
    channel?.ref?.();
    processNatives.off("beforeExit", onIdle);
    clearInterval(waiting);
  }
  throw nothingToServe(name, module, adoption.refused);
}

function nothingToServe(
  name: string,
  module: ModuleExports,
  refused: readonly HeldServer[],
): Error {
  const exports = exportsOf(module);
  const has = exports.length === 0 ? "nothing" : exports.join(", ");
  const { opened, hint } = reasons(name, refused);
  return new NotAHandler(
    `${name} has no handler: it exports ${has}, and opens ${
      opened === "" ? "no server" : `only ${opened}, which cannot be adopted`
    }; ${whatToDo}${hint}`,
  );
}

/** The names that a module exports, as its author would say. CommonJS always has a default, if an empty one. */
function exportsOf(module: ModuleExports): string[] {
  const names = Object.keys(module).filter((name) => name !== "module.exports");
  const main = module["default"];
  const isEmpty = typeof main === "object" && main !== null && Object.keys(main).length === 0;
  return isEmpty ? names.filter((name) => name !== "default") : names;
}

/** What has been opened, and what may keep the right one from being. */
function reasons(name: string, refused: readonly HeldServer[]): { opened: string; hint: string } {
  const opened = refused.map((held) => `${held.opener} on ${addressOf(held)}`).join(" and ");
  const hint = refused.some(({ asked: { notTcp } }) => notTcp === undefined)
    ? "; none asks for the port of --adopt-port"
    : hintFor(name);
  return { opened, hint };
}

const whatToDo =
  "export default an object with a fetch method, a function (request) => Response or an application of node:http, or have it open a server";

/** What is known to keep a module from opening its server. */
function hintFor(name: string): string {
  let source: string;
  try {
    source = readFileSync(name, "utf8");
  } catch {
    // It is part of the program.
    return "";
  }
  if (/\bcluster\b/.test(source) && /\bis(Primary|Master)\b/.test(source)) {
    return "; for what it does with node:cluster there is --workers: have each process open the server";
  }
  const guard = /import\.meta\.main|require\.main\s*===?\s*module/.exec(source)?.[0];
  return guard === undefined
    ? ""
    : `; what it does only if \`${guard}\` is not done here, where it is imported`;
}
