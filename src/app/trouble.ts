/**
 * What goes wrong in a process that runs the handler, as it is told to the supervisor.
 *
 * @module
 */
import type { EventEmitter } from "node:events";
import process from "node:process";
import { describe, traceOf } from "../errors.ts";
import { logger } from "../log.ts";
import { plainText } from "../plain_text.ts";
import { runtime } from "../runtime/mod.ts";
import { NotAHandler } from "./handler.ts";
import { ListenerLost, ListenError } from "./listen_error.ts";
import type { AppEnd } from "./protocol.ts";

const log = logger("handler");

type Trouble = AppEnd["tells"]["crashed"];

/** An error, as text. */
export function trouble(error: unknown): Trouble {
  return { message: summary(error), trace: plainText(traceOf(error)) };
}

/**
 * Reports what nobody caught.
 *
 * A handler with listeners of its own decides for itself; this one then keeps out of it.
 *
 * @param die tells of it and lets the process die of it, as the runtime would
 */
export function reportUncaught(die: (error: Trouble) => void): void {
  let dying = false;
  const report = (error: unknown): void => {
    if (dying) return;
    dying = true;
    const stack = plainText(runtime.inspect(error));
    log.error("uncaught: {error}", { error: summary(error), stack });
    die(trouble(error));
  };
  process.on("uncaughtException", (error) => {
    if (process.listenerCount("uncaughtException") === 1) report(error);
  });
  process.on("unhandledRejection", (error) => {
    if (process.listenerCount("unhandledRejection") > 1) return;
    // As Node and Deno do: a rejection that nobody handles becomes an uncaught exception.
    if (process.listenerCount("uncaughtException") === 1) report(error);
    else (process as EventEmitter).emit("uncaughtException", error, "unhandledRejection");
  });
}

function summary(error: unknown): string {
  const isTold = error instanceof ListenError || error instanceof ListenerLost ||
    error instanceof NotAHandler;
  return plainText(isTold ? error.message : describe(error));
}
