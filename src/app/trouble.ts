/**
 * What goes wrong in a process that runs the handler, as it is told to the supervisor.
 *
 * @module
 */
import { bounded } from "../bounded.ts";
import { describe, longestTrace, TracedError, traceOf } from "../errors.ts";
import { logger } from "../log.ts";
import { processNatives } from "../natives.ts";
import { plainText } from "../plain_text.ts";
import { runtime } from "../runtime/mod.ts";
import { BodyTooLarge } from "../runtime/runtime.ts";
import { keepListening } from "./kept_listeners.ts";
import type { AppEnd } from "./protocol.ts";

const log = logger("handler");

type Trouble = AppEnd["tells"]["crashed"];

/** An error, as text. */
export function trouble(error: unknown): Trouble {
  return {
    message: bounded(summary(error)),
    trace: bounded(plainText(traceOf(error)), longestTrace),
  };
}

/**
 * Reports what nobody caught.
 *
 * A handler with listeners of its own decides for itself; this one then keeps out of it.
 *
 * @param die tells of it and lets the process die of it, as the runtime would
 * @returns what reports an error that would not come to it by itself
 */
export function reportUncaught(die: (error: Trouble) => void): (error: unknown) => void {
  let dying = false;
  const report = (error: unknown): void => {
    if (dying) return;
    dying = true;
    const stack = plainText(runtime.inspect(error));
    log.error("uncaught: {error}", { error: summary(error), stack });
    die(trouble(error));
  };
  keepListening("uncaughtException", (error: unknown) => {
    if (processNatives.listenerCount("uncaughtException") === 1) report(error);
  });
  keepListening("unhandledRejection", (error: unknown) => {
    if (processNatives.listenerCount("unhandledRejection") > 1) return;
    // Of a listener of node:http that is async: its client has its answer, and nobody is to end a process
    // by an upload.
    if (error instanceof BodyTooLarge) return;
    // As Node and Deno do: a rejection that nobody handles becomes an uncaught exception.
    if (processNatives.listenerCount("uncaughtException") === 1) report(error);
    else processNatives.emit("uncaughtException", error, "unhandledRejection");
  });
  return report;
}

function summary(error: unknown): string {
  // Its name is one of Hurricane's own, and says nothing to anybody.
  return plainText(error instanceof TracedError ? error.message : describe(error));
}
