import { bunProgram } from "./bun_program.ts";
import { denoProgram } from "./deno_program.ts";
import type { Program } from "./runtime.ts";

/**
 * This program. It is apart from the rest of its runtime, which takes Deno a tenth of a start to load: the
 * handler's process is on its way by then.
 */
export const program: Program = "Deno" in globalThis ? denoProgram : bunProgram;
