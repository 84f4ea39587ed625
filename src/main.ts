/**
 * The executable: `hurricane`.
 *
 * @module
 */
import process from "node:process";
import { catchSignals } from "./early_signals.ts";

// PID 1 loses a signal that it does not listen to. On Deno all else takes as long to load as Deno itself.
if (process.pid === 1) catchSignals();

// Not awaited: where a program's main module has not ended, nobody is told that nothing is left to do.
void import("./start.ts").then(({ start }) => start());
