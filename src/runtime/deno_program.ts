import process from "node:process";
import type { Duplex } from "node:stream";
import { pathToFileURL } from "node:url";
import { Promise } from "../natives.ts";
import { inspectorFlags } from "./deno_inspector.ts";
import { handlerPackages, projectFlags, takeConfig } from "./deno_project.ts";
import { readText } from "./first_files.ts";
import type { Invocation, ProcessEnd, Program, StartedProcess } from "./runtime.ts";

/** A program on Deno, or one that `deno compile` has made. */
export const denoProgram: Program = {
  get compiled(): boolean {
    return Deno.build.standalone;
  },

  lacking(): string | undefined {
    if (Deno.build.os !== "linux") return undefined;
    try {
      Deno.statSync("/proc/self/stat");
      return undefined;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotCapable)) throw error;
      return "Hurricane needs all permissions: start it with deno run -A. It reads /proc (queues, " +
        "processes, descriptors), which Deno gives to no program that has less";
    }
  },

  self(handler?: string, inspector = false): Invocation {
    const { given, rest: own } = takeConfig(ownFlags());
    // Or each process says again what Deno thinks of the handler's tsconfig.json.
    const quiet = own.some((flag) => flag === "-q" || flag === "--quiet") ? [] : ["--quiet"];
    // Several listen to one port, with TLS, too. Hurricane's own deno.json, which allows that, need not count.
    const net = own.includes("--unstable-net") ? [] : ["--unstable-net"];
    const flags = [
      ...own,
      ...quiet,
      ...net,
      ...projectFlags(handler, given, Deno.mainModule, handlerPackages),
      ...inspector ? inspectorFlags : [],
    ];
    const args = this.compiled ? [] : [...flags, Deno.mainModule];
    return { file: process.execPath, args, env: {} };
  },

  start({ file, args }: Invocation, variables: NodeJS.ProcessEnv): StartedProcess {
    // Bun, which does without, would load what is imported.
    const child = process.getBuiltinModule("node:child_process").spawn(file, args, {
      detached: true,
      stdio: ["ignore", "inherit", "inherit", "pipe"],
      env: variables,
    });
    const { promise: ended, resolve } = Promise.withResolvers<ProcessEnd>();
    if (child.pid === undefined) child.once("error", (error) => resolve({ error }));
    child.once("exit", (code, signal) => resolve({ code, signal }));
    const way = child.stdio[3] as Duplex | null | undefined;
    return { pid: child.pid, way: way ?? undefined, ended };
  },
};

/**
 * How this Deno was started, up to the program's name. Only Linux tells; elsewhere it is taken to be
 * as the documentation says.
 */
function ownFlags(): string[] {
  const fallback = ["run", "-A"];
  if (Deno.build.os !== "linux") return fallback;
  const [, ...args] = readText("/proc/self/cmdline").split("\0");
  const program = args.findIndex((arg) => {
    if (arg === Deno.mainModule) return true;
    return Deno.mainModule.startsWith("file:") && pathToFileURL(arg).href === Deno.mainModule;
  });
  return args[0] === "run" && program > 0 ? args.slice(0, program) : fallback;
}
