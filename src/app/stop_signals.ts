/**
 * The signals that stop a service, in the process that runs the handler.
 *
 * @module
 */
import process from "node:process";
import { describe } from "../errors.ts";
import { logger } from "../log.ts";
import { runtime } from "../runtime/mod.ts";
import { onShutdownAtLeast } from "../timeline.ts";
import {
  clearTimeout,
  isPromise,
  processNatives,
  Promise,
  queueMicrotask,
  setTimeout,
} from "../natives.ts";
import { isAdding, keepListening } from "./kept_listeners.ts";

const log = logger("handler");

const names: ReadonlySet<string> = new Set(["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"]);

type Listener = (name: string, code: number) => unknown;

/** What the handler has listened for, in the order in which it did. */
const listeners = new Map<string, Set<Listener>>();

function ignore(): void {}

/**
 * Lets the signals that stop or reload a service pass: the supervisor gets them, too, and says what
 * is to be done. systemd by its default, and `pkill`, send them to all processes at once, and a
 * process that died of one would take its requests with it.
 *
 * The handler's own listeners are put aside for the same reason: most end the process, or close what
 * requests in flight still need. They are called when the last request has been answered, or half
 * of the time for that is over: see {@linkcode StopListeners}.
 *
 * They are listened to, rather than ignored as the system can do it, lest the processes that the
 * handler starts inherit that.
 */
export function ignoreStopSignals(): void {
  // Whoever has no listener for them would end of them: they are passed on to all workers.
  for (const name of ["SIGUSR1", "SIGUSR2"]) keepListening(name, ignore);
  // What the handler takes away with it, its own is among.
  for (const name of names) keepListening(name, ignore, () => listeners.delete(name));
  let adding: string | undefined;
  keepListening("newListener", (name: string | symbol, listener: Listener) => {
    if (typeof name !== "string" || !names.has(name) || isAdding()) return;
    putAside(name, listener);
    adding = name;
    // It is told of before it is added.
    queueMicrotask(() => {
      adding = undefined;
      processNatives.off(name, listener);
    });
  });
  const refused = (name: string, listener: Listener): boolean => {
    if (isAdding()) return false;
    // Deno's own way is below that of node:process.
    if (name !== adding) putAside(name, listener);
    return true;
  };
  runtime.refuseSignalListeners(names, refused, takeBack);
  // What is put aside is on the list of no emitter, which could tell that it was taken away.
  const { removeListener } = process;
  process.removeListener = process.off = (name, listener) => {
    takeBack(String(name), listener);
    return removeListener.call(process, name, listener);
  };
}

/** Many a library listens only for as long as it has a child process. */
function takeBack(name: string, listener: unknown): void {
  listeners.get(name)?.delete(listener as Listener);
}

function putAside(name: string, listener: Listener): void {
  const those = listeners.get(name);
  if (those === undefined) listeners.set(name, new Set([listener]));
  else those.add(listener);
}

/**
 * The listeners of the handler for SIGTERM, or else for SIGINT, which are called as the signal would call
 * them, once it does no harm.
 */
export class StopListeners {
  readonly #exited = Promise.withResolvers<void>();
  #letExit: (() => void) | undefined;
  #results: unknown[] | undefined;

  /** Calls them, the first time. From then on the process does not end by a call of the handler's. */
  begin(): void {
    if (this.#results !== undefined) return;
    const [name, code] = listeners.has("SIGTERM") ? ["SIGTERM", 15] : ["SIGINT", 2];
    const those = [...listeners.get(name) ?? []];
    // What has been counted is told before this process ends.
    if (those.length > 0) this.#letExit = runtime.catchExit(this.#exited.resolve);
    this.#results = those.map((listener) => called(name, code, listener));
  }

  /**
   * Calls them, if that has not been done. Resolves when they are done, as far as that can be known: they
   * have ended the process, what they return has settled, or nothing is left to do; or after `timeout`
   * milliseconds, and after 5 seconds at most where one does not tell when it is done. Never rejects.
   */
  async done(timeout: number): Promise<void> {
    this.begin();
    const results = this.#results ?? [];
    if (results.length === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    void this.#exited.promise.then(resolve);
    const tells = results.every((result) => isPromise(result));
    // An async function is done when it says so, but may still have called what ends the process.
    if (tells) void Promise.all(results).then(() => setTimeout(resolve, afterwards));
    const timer = setTimeout(resolve, tells ? timeout : Math.min(timeout, onShutdownAtLeast));
    timer.unref();
    process.channel?.unref?.();
    processNatives.once("beforeExit", resolve);
    await promise;
    clearTimeout(timer);
    process.channel?.ref?.();
    processNatives.off("beforeExit", resolve);
    this.#letExit?.();
  }
}

/** How long what an async listener has begun is waited for after its end, in milliseconds. */
const afterwards = 100;

/** Calls a listener. What it returns never rejects. */
function called(name: string, code: number, listener: Listener): unknown {
  const failed = (error: unknown): void =>
    log.error("the handler's listener for {name} failed: {error}", {
      name,
      error: describe(error),
      stack: runtime.inspect(error),
    });
  try {
    const result = listener(name, code);
    return isPromise(result) ? result.catch(failed) : result;
  } catch (error) {
    failed(error);
    return undefined;
  }
}
