/**
 * A handler that counts what its process does, and tells it at `/counts`. Everything else is answered
 * at once, `/promise` with a promise.
 *
 * What it cannot see: functions that somebody took from a module (`node:timers`) instead of the global
 * object, and what the runtime does outside of JavaScript.
 *
 * @module
 */
import { createRequire } from "node:module";
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What has happened so far. */
export interface Counts {
  /**
   * Promises. Deno tells of each, its own included. Bun tells how many there are in the heap, those
   * included that nobody needs any more: exact until memory is collected.
   */
  promises: number;
  /** Calls of the global functions that make the event loop come back later, by their names. */
  later: Record<string, number>;
  /** How often the callbacks of intervals have run. */
  ticks: number;
  /** Messages to the supervisor. */
  messages: number;
  /** What is left of the heap when it has been collected, in bytes. Asked for with `?collect`. */
  heap?: number;
}

interface Jsc {
  fullGC(): void;
  heapStats(): { heapSize: number; objectTypeCounts: Record<string, number> };
}

interface DenoInternals {
  core: { setPromiseHooks(init: () => void): void };
}

const counts: Counts = { promises: 0, later: {}, ticks: 0, messages: 0 };
const { readPromises, collectedHeap } = "Bun" in globalThis ? onBun() : onDeno();

const later = ["setTimeout", "setImmediate", "queueMicrotask"] as const;
const globals = globalThis as unknown as Record<
  string,
  (callback: () => void, ...rest: unknown[]) => unknown
>;
for (const name of later) {
  const original = globals[name]!;
  globals[name] = (callback, ...rest) => {
    counts.later[name] = (counts.later[name] ?? 0) + 1;
    return original(callback, ...rest);
  };
}
const { setInterval: interval } = globals;
globals["setInterval"] = (callback, ...rest) => {
  counts.later["setInterval"] = (counts.later["setInterval"] ?? 0) + 1;
  return interval!(() => {
    counts.ticks++;
    callback();
  }, ...rest);
};
const { nextTick } = process;
process.nextTick = (callback: (...args: unknown[]) => void, ...args: unknown[]): void => {
  counts.later["nextTick"] = (counts.later["nextTick"] ?? 0) + 1;
  nextTick(callback, ...args);
};
const send = process.send as ((...args: unknown[]) => boolean) | undefined;
if (send !== undefined) {
  process.send = (...args: unknown[]): boolean => {
    counts.messages++;
    return send.apply(process, args);
  };
}

function onBun(): { readPromises: () => number; collectedHeap: () => number } {
  const jsc = createRequire(import.meta.url)("bun:jsc") as Jsc;
  return {
    readPromises: () => jsc.heapStats().objectTypeCounts["Promise"] ?? 0,
    collectedHeap(): number {
      jsc.fullGC();
      return jsc.heapStats().heapSize;
    },
  };
}

function onDeno(): { readPromises: () => number; collectedHeap: () => number } {
  const { internal } = Deno as unknown as { internal: symbol };
  const { core } = (Deno as unknown as Record<symbol, DenoInternals>)[internal]!;
  let promises = 0;
  core.setPromiseHooks(() => promises++);
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  return {
    readPromises: () => promises,
    collectedHeap(): number {
      collect();
      return process.memoryUsage().heapUsed;
    },
  };
}

function tell(collect: boolean): Response {
  const heap = collect ? { heap: collectedHeap() } : {};
  return Response.json({ ...counts, promises: readPromises(), ...heap });
}

export default {
  fetch(request: Request): Response | Promise<Response> {
    const { pathname, search } = new URL(request.url);
    switch (pathname) {
      case "/counts":
        return tell(search === "?collect");
      case "/promise":
        return Promise.resolve(new Response("x"));
      default:
        return new Response("x");
    }
  },
};
