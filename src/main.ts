/**
 * The executable: `hurricane`.
 *
 * @module
 */
import process from "node:process";
import { catchSignals } from "./early_signals.ts";
import type { Parts } from "./parts.ts";

/** Deno does not see what is imported by a text with a type; a bundler does. */
const parts: Parts = {
  app: async () => await import("./app/process.ts" as string) as typeof import("./app/process.ts"),
  pump: async () =>
    await import("./amqp/process.ts" as string) as typeof import("./amqp/process.ts"),
  cli: async () => await import("./cli/main.ts" as string) as typeof import("./cli/main.ts"),
};

// PID 1 loses a signal that it does not listen to. On Deno all else takes as long to load as Deno itself.
if (process.pid === 1) catchSignals();

// Not awaited: where a program's main module has not ended, nobody is told that nothing is left to do.
void import("./start.ts").then(({ start }) => start(parts));
