import process from "node:process";
import type { NetConnectOpts } from "node:net";
import { fileURLToPath } from "node:url";
import { api } from "./bun_api.ts";
import type { Invocation, ProcessEnd, Program, StartedProcess } from "./runtime.ts";
import { Promise, URL } from "../natives.ts";

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

  /** Not by `node:child_process`, which Bun loads for 2 ms before it starts anything. */
  start({ file, args }: Invocation, variables: NodeJS.ProcessEnv): StartedProcess {
    const { promise: ended, resolve } = Promise.withResolvers<ProcessEnd>();
    try {
      const { pid, stdio } = api().spawn([file, ...args], {
        detached: true,
        stdio: ["ignore", "inherit", "inherit", "pipe"],
        env: variables,
        onExit: ({ exitCode, signalCode }) => resolve({ code: exitCode, signal: signalCode }),
      });
      // While the process starts there is time to load it.
      const { connect } = process.getBuiltinModule("node:net");
      return { pid, way: connect({ fd: stdio[3]! } as NetConnectOpts), ended };
    } catch (error) {
      resolve({ error: error as Error });
      return { pid: undefined, way: undefined, ended };
    }
  },
};

/**
 * How `scripts/run` starts Hurricane from source: what the `bunfig.toml` of the working directory preloads
 * is for the handler's process alone.
 */
function ownConfig(): string {
  return `--config=${fileURLToPath(new URL("../../bunfig.toml", import.meta.url))}`;
}
