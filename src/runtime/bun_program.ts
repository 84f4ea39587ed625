import process from "node:process";
import type { NetConnectOpts } from "node:net";
import { fileURLToPath } from "node:url";
import { api, type BunChild } from "./bun_api.ts";
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
    let child: BunChild;
    try {
      child = api().spawn([file, ...args], {
        detached: true,
        stdio: ["ignore", "inherit", "inherit", "pipe"],
        env: variables,
        onExit: ({ exitCode, signalCode }) => resolve({ code: exitCode, signal: signalCode }),
      });
    } catch (error) {
      resolve({ error: error as Error });
      return { pid: undefined, way: undefined, ended };
    }
    // While the process starts there is time to load it.
    const { connect } = process.getBuiltinModule("node:net");
    const way = connect({ fd: child.stdio[3]! } as NetConnectOpts);
    return { pid: child.pid, way, ended };
  },
};

/**
 * How `scripts/run` starts Hurricane from source: what the `bunfig.toml` of the working directory preloads
 * is for the handler's process alone.
 */
function ownConfig(): string {
  return `--config=${fileURLToPath(new URL("../../bunfig.toml", import.meta.url))}`;
}
