import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runtime } from "../runtime/mod.ts";
import type { Invocation } from "../runtime/runtime.ts";

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
 * `bun build --compile`. A compiled Hurricane is a Bun, too, and needs no other.
 *
 * Byte code halves the time to start; the source map keeps stacks readable.
 */
export function bunCompiler(entry: string, output: string, target?: string): Invocation {
  const args = [
    "build",
    entry,
    "--compile",
    "--no-compile-autoload-bunfig",
    // Not frozen at what it is while building: the image decides.
    "--define=process.env.NODE_ENV=process.env.NODE_ENV",
    "--bytecode",
    "--format=esm",
    "--minify",
    "--keep-names",
    "--sourcemap=inline",
    `--outfile=${output}`,
    ...(target === undefined ? [] : [`--target=bun-${target}`]),
  ];
  const isBun = runtime.name === "bun";
  return {
    file: isBun ? process.execPath : "bun",
    args,
    env: isBun && runtime.compiled ? { BUN_BE_BUN: "1" } : {},
  };
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

/** `deno compile`. */
export function denoCompiler(entry: string, output: string, target?: string): Invocation {
  const named = target === undefined ? undefined : denoTargets[target];
  const args = [
    "compile",
    "--no-check",
    "--allow-all",
    "--unstable-net",
    `--output=${output}`,
    ...(named === undefined ? [] : [`--target=${named}`]),
    ...ownConfig(),
    entry,
  ];
  return {
    file: runtime.name === "deno" && !runtime.compiled ? process.execPath : "deno",
    args,
    env: {},
  };
}
