import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runtime } from "../runtime/mod.ts";
import type { Invocation } from "../runtime/runtime.ts";
import type { BunBuild } from "./bun_program.ts";

/** Where `scripts/build` puts the program that Bun runs into the executable. */
const embeddedCompiler = "/$bunfs/root/bun_program.js";

/** What `--target` may be: https://bun.com/docs/bundler/executables#cross-compile-to-other-platforms */
export const targets = [
  "linux-x64",
  "linux-arm64",
  "linux-x64-musl",
  "linux-arm64-musl",
  "darwin-x64",
  "darwin-arm64",
] as const;

/**
 * Bun's compiler, which takes what it is to do as JSON. A compiled Hurricane is a Bun, too, and needs no
 * other.
 */
export function bunCompiler(build: BunBuild): Invocation {
  const isBun = runtime.name === "bun";
  return {
    file: isBun ? process.execPath : "bun",
    args: ["run", "--no-install", compilerFile(build.folder), JSON.stringify(build)],
    env: {
      // JSX that is compiled for production runs in development, too; the other way round it does not.
      NODE_ENV: "production",
      ...(isBun && runtime.compiled ? { BUN_BE_BUN: "1" } : {}),
    },
  };
}

/** Where the modules of Hurricane are that become part of the executable. */
export function ownFolder(folder: string): string {
  return runtime.compiled ? folder : fileURLToPath(new URL("../", import.meta.url));
}

/** The program that Bun runs. A Bun that is not this executable does not see what is in it. */
function compilerFile(folder: string): string {
  if (!runtime.compiled) return fileURLToPath(new URL("./bun_program.ts", import.meta.url));
  const file = join(folder, basename(embeddedCompiler));
  writeFileSync(file, readFileSync(embeddedCompiler));
  return file;
}

/** The targets that `deno compile` has no base for. */
export function isForBunAlone(target: string): boolean {
  return !Object.hasOwn(denoTargets, target);
}

/** Rust's names, which `deno compile --target` takes. */
const denoTargets: Readonly<Record<string, string>> = {
  "linux-x64": "x86_64-unknown-linux-gnu",
  "linux-arm64": "aarch64-unknown-linux-gnu",
  "darwin-x64": "x86_64-apple-darwin",
  "darwin-arm64": "aarch64-apple-darwin",
};

/** From source, Hurricane's own imports mean what its `deno.json` says. */
export function ownConfig(): string[] {
  if (runtime.compiled) return [];
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  return existsSync(config) ? ["--config", config] : [];
}

/**
 * `deno compile`.
 *
 * @param include files and directories that the program needs besides what its modules import
 */
export function denoCompiler(
  entry: string,
  output: string,
  include: readonly string[],
  target?: string,
): Invocation {
  const named = target === undefined ? undefined : denoTargets[target];
  const args = [
    "compile",
    "--no-check",
    "--allow-all",
    "--unstable-net",
    `--output=${output}`,
    ...(named === undefined ? [] : [`--target=${named}`]),
    ...include.map((path) => `--include=${path}`),
    ...ownConfig(),
    entry,
  ];
  return {
    file: runtime.name === "deno" && !runtime.compiled ? process.execPath : "deno",
    args,
    env: {},
  };
}
