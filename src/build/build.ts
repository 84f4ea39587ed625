import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { runtime } from "../runtime/mod.ts";
import type { Invocation } from "../runtime/runtime.ts";
import { type Entry, writeEntry } from "./entry.ts";
import { bunCompiler, denoCompiler } from "./compilers.ts";

/** What to build. */
export interface BuildOptions extends Entry {
  /** Absolute path of the executable. */
  output: string;
  /** What compiles it. */
  runtime: "bun" | "deno";
  /** The system it is for, such as `linux-arm64-musl`; this one by default. */
  target?: string;
}

/** The executable could not be built. What is told of it is for a person: it has several lines. */
export class BuildFailure extends Error {
  override name = "BuildFailure";
}

/**
 * Makes one executable of Hurricane and a handler with all that it imports.
 *
 * A file that is there is replaced only by one that is complete.
 *
 * @returns Its size in bytes.
 * @throws {BuildFailure} The handler does not bundle, the output cannot be written, the compiler or
 * the base executable for the target cannot be had.
 */
export async function build(options: BuildOptions): Promise<number> {
  const { output, target } = options;
  requireWritable(output);
  const folder = mkdtempSync(join(tmpdir(), "hurricane-build-"));
  const partial = join(dirname(output), `.${basename(output)}.${process.pid}.tmp`);
  try {
    const entry = writeEntry(folder, options);
    const compiler = options.runtime === "bun"
      ? bunCompiler(entry, partial, target)
      : denoCompiler(entry, partial, target);
    const { code, text } = await run(compiler);
    if (code !== 0 || !existsSync(partial)) throw failure(options, text);
    chmodSync(partial, 0o755);
    renameSync(partial, output);
    return statSync(output).size;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    // Bun leaves the source map that it has embedded beside the executable.
    for (const left of [partial, `${partial}.map`]) rmSync(left, { force: true });
  }
}

function requireWritable(output: string): void {
  if (existsSync(output) && !statSync(output).isFile()) {
    throw new BuildFailure(`${output} is a directory: give the name of a file (-o ${output}/app)`);
  }
  const folder = dirname(output);
  if (!existsSync(folder)) {
    throw new BuildFailure(`there is no directory ${folder}: create it first`);
  }
}

/** Runs a compiler and keeps what it says. */
function run({ file, args, env }: Invocation): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env, NO_COLOR: "1" },
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => text += chunk);
    }
    child.once("error", (error) => reject(notStarted(file, error)));
    child.once("close", (code) => resolve({ code, text }));
  });
}

function notStarted(file: string, error: Error): BuildFailure {
  const hint = file === "deno" ? ": --runtime deno needs Deno on PATH" : "";
  return new BuildFailure(`${file} cannot be started (${error.message})${hint}`);
}

function failure({ handler, target }: BuildOptions, text: string): BuildFailure {
  const said = text.trim().replace(/^/gm, "    ");
  const bases = /Failed to download|is not available for download|denort/.test(text);
  const what = bases
    ? `the base executable for ${target ?? runtime.target} cannot be fetched (is there a network?)`
    : `${handler} cannot be built`;
  return new BuildFailure(`${what}:\n${said}`);
}
