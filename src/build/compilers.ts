import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { nearest, projectFlags } from "../runtime/deno_project.ts";
import { runtime } from "../runtime/mod.ts";
import type { Invocation } from "../runtime/runtime.ts";
import { version } from "../version.ts";
import type { BunBuild } from "./bun_program.ts";

/** What an executable that Bun made, which is no Deno, has Deno import as Hurricane. */
export const denoLibrary = `jsr:@hurricane/hurricane@${version}`;

/** Where `scripts/build` puts modules that Bun runs and compiles into the executable. */
const embedded = "/$bunfs/root";

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
    args: ["run", "--no-install", moduleFor("bun_program", build.folder), JSON.stringify(build)],
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

/** A module of this folder, for Bun to run or to make a part of a program. A Bun that is not this executable does not see what is in it. */
export function moduleFor(
  name: "bun_program" | "embedded_fs" | "extracted",
  folder: string,
): string {
  if (!runtime.compiled) return fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const file = join(folder, `${name}.js`);
  writeFileSync(file, readFileSync(join(embedded, `${name}.js`)));
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

/**
 * Whose imports mean what: the handler's what its own `deno.json` says, if it has one, and Hurricane's
 * what Hurricane's says. Of the packages of the other one Deno takes along what it sees of their modules,
 * and so not all of CommonJS: they are named.
 */
function denoProject(handler: string): string[] {
  if (runtime.compiled) return projectFlags(handler, undefined, denoLibrary);
  const own = dirname(fileURLToPath(ownModule("../../deno.json")));
  const folder = dirname(handler);
  const config = nearest(folder, "deno.json", "deno.jsonc");
  const isOwn = config === undefined || dirname(config) === own;
  const others = isOwn ? nearest(folder, "node_modules") : join(own, "node_modules");
  return [
    ...(isOwn
      ? ["--config", join(own, "deno.json")]
      : projectFlags(handler, undefined, ownModule("../mod.ts").href)),
    ...(others === undefined ? [] : [`--include=${others}`]),
  ];
}

/** A file of Hurricane's, from source. */
function ownModule(path: string): URL {
  return new URL(path, import.meta.url);
}

/**
 * Files of packages that `deno compile` (2.9) cannot take, for it reads what has no extension as JavaScript:
 * those of `bintrees`, which `prom-client` brings.
 */
function unreadable(modules: readonly string[]): string[] {
  const found = modules.map((module) => {
    try {
      const tree = ["prom-client", "tdigest", "bintrees"]
        .reduce((from, name) => realpathSync(createRequire(from).resolve(name)), module);
      return join(dirname(tree), "test");
    } catch {
      // It does not use that.
      return undefined;
    }
  });
  return [...new Set(found.filter((path) => path !== undefined))];
}

/**
 * `deno compile`.
 *
 * @param include files and directories that the program needs besides what its modules import
 */
export function denoCompiler(
  entry: string,
  output: string,
  handler: string,
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
    ...unreadable([handler, ...(runtime.compiled ? [] : [fileURLToPath(import.meta.url)])])
      .map((path) => `--exclude=${path}`),
    ...denoProject(handler),
    entry,
  ];
  return {
    file: runtime.name === "deno" && !runtime.compiled ? process.execPath : "deno",
    args,
    env: {},
  };
}
