import process from "node:process";
import { fileURLToPath } from "node:url";
import { api } from "./bun_api.ts";
import type { Invocation, Program } from "./runtime.ts";
import { URL } from "../natives.ts";

/** The root of the file system inside an executable made by `bun build --compile`. */
const insideExecutable = "/$bunfs/";

/** A program on Bun, or one that Bun has compiled. */
export const bunProgram: Program = {
  get compiled(): boolean {
    return api().main.startsWith(insideExecutable);
  },

  lacking: () => undefined,

  self(): Invocation {
    if (this.compiled) return { file: process.execPath, args: [], env: {} };
    const flags = process.execArgv.filter((flag) => flag !== ownConfig());
    return { file: process.execPath, args: [...flags, api().main], env: {} };
  },
};

/**
 * How `scripts/run` starts Hurricane from source: what the `bunfig.toml` of the working directory preloads
 * is for the handler's process alone.
 */
function ownConfig(): string {
  return `--config=${fileURLToPath(new URL("../../bunfig.toml", import.meta.url))}`;
}
