import process from "node:process";
import { pathToFileURL } from "node:url";
import { inspectorFlags } from "./deno_inspector.ts";
import { handlerPackages, projectFlags, takeConfig } from "./deno_project.ts";
import { readText } from "./first_files.ts";
import type { Invocation, Program } from "./runtime.ts";

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
