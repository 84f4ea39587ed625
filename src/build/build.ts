import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { constants } from "node:os";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { runtime } from "../runtime/mod.ts";
import type { Invocation } from "../runtime/runtime.ts";
import { bunCompiler, denoCompiler, moduleFor, ownFolder } from "./compilers.ts";
import {
  type Embedded,
  includedForDeno,
  layForBun,
  packedFolder,
  projectOf,
  writeFileSystem,
} from "./embed.ts";
import { type Entry, writeEntries } from "./entry.ts";
import { isOfNoEffect } from "../early_signals.ts";

/** What to build. */
export interface BuildOptions extends Omit<Entry, "extract">, Embedded {
  /** Absolute path of the executable. */
  output: string;
  /** What compiles it. */
  runtime: "bun" | "deno";
  /** Is the handler's project packed as it is, rather than bundled? */
  extracts: boolean;
  /** The system it is for, such as `linux-arm64-musl`; this one by default. */
  target?: string;
  /** Is told, in lines for a person, what `deno compile` downloads meanwhile. */
  said?: (lines: string) => void;
}

/** What was built. */
export interface Built {
  /** The executable's size in bytes. */
  size: number;
  /** What it may lack, for a person. */
  warnings: string[];
}

/** The executable could not be built. What is told of it is for a person: it has several lines. */
export class BuildFailure extends Error {
  override name = "BuildFailure";
  /** What the program exits with: 2 where it is used wrongly, 128 and the signal's number where it was interrupted. */
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What ends a build, and the compiler with it. */
const interruptions = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/**
 * Makes one executable of Hurricane and a handler with all that it imports.
 *
 * A file that is there is replaced only by one that is complete.
 *
 * @throws {BuildFailure} The handler does not bundle, the output cannot be written, the compiler or
 * the base executable for the target cannot be had.
 */
export async function build(options: BuildOptions): Promise<Built> {
  requireHandler(options.handler);
  const interruption = new AbortController();
  const interrupt = (name: NodeJS.Signals): void => {
    if (isOfNoEffect(name)) return;
    const message = `interrupted by ${name}`;
    interruption.abort(new BuildFailure(message, 128 + constants.signals[name]));
  };
  for (const name of interruptions) process.on(name, interrupt);
  try {
    return await buildIn(workFolder(options.output), options, interruption.signal);
  } finally {
    for (const name of interruptions) process.off(name, interrupt);
  }
}

/** What would fail each time the executable is started, as far as it can be seen now. */
function requireHandler(handler: string): void {
  const exported = runtime.exportsOf(handler);
  if (exported === undefined || exported.includes("default") || exported.includes("fetch")) return;
  // What it imports may open a server.
  if (/\b(import|from|require|serve|listen)\b/.test(readFileSync(handler, "utf8"))) return;
  const what = exported.length === 0 ? "nothing" : exported.join(", ");
  throw new BuildFailure(
    `${handler} has no handler: it exports ${what}, and opens no server; export default an object ` +
      "with a fetch method or a function (request) => Response, or have it open a server",
  );
}

/** Builds in a folder that goes with all that compilers leave in it. */
async function buildIn(
  folder: string,
  options: BuildOptions,
  interrupted: AbortSignal,
): Promise<Built> {
  const { output } = options;
  const partial = join(folder, basename(output));
  try {
    const { compiler, warnings } = options.runtime === "bun"
      ? forBun(folder, partial, options)
      : forDeno(folder, partial, options);
    const { code, stdout, stderr } = await run(compiler, folder, interrupted, options.said);
    interrupted.throwIfAborted();
    if (code !== 0 || !existsSync(partial)) throw failure(options, stdout + stderr);
    // As a linker would: whom the user lets read and run files may run it.
    chmodSync(partial, 0o777 & ~process.umask());
    renameSync(partial, output);
    return { size: statSync(output).size, warnings: warnings(stdout) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What compiles, and what there is to say of what it made, once it is known what that has written. */
interface Compilation {
  compiler: Invocation;
  warnings(written: string): string[];
}

function forBun(folder: string, output: string, options: BuildOptions): Compilation {
  const { handler, target, workers, assets: named } = options;
  const project = options.extracts ? packedFolder(handler) : projectOf(handler);
  const { entries, assets } = layForBun(folder, project, options);
  const extract = options.extracts
    ? { extract: { project, module: moduleFor("extracted", folder) } }
    : {};
  const compiler = bunCompiler({
    folder,
    entries: [...writeEntries(folder, { ...options, ...extract }), ...entries],
    output,
    assets,
    named: [...named],
    ...(named.length === 0
      ? {}
      : { fs: writeFileSystem(folder, moduleFor("embedded_fs", folder)) }),
    project,
    extract: options.extracts,
    placed: named.length + workers.length > 0,
    ...(target === undefined ? {} : { target: `bun-${target}` }),
    own: ownFolder(folder),
    directory: process.cwd(),
    workersNamed: workers.length > 0,
  });
  return { compiler, warnings: (written) => written.split("\n").filter((line) => line !== "") };
}

function forDeno(folder: string, output: string, options: BuildOptions): Compilation {
  const { handler, target } = options;
  const { include, warnings } = includedForDeno(handler, process.cwd(), options);
  const [entry = ""] = writeEntries(folder, options);
  const compiler = denoCompiler(entry, output, handler, include, target);
  return { compiler, warnings: () => warnings };
}

/** Makes a folder beside the output: what is written there can be renamed, and there is room. */
function workFolder(output: string): string {
  if (existsSync(output) && !statSync(output).isFile()) {
    if (!statSync(output).isDirectory()) throw new BuildFailure(`${output} is no regular file`, 2);
    throw new BuildFailure(
      `${output} is a directory: give the name of a file (-o ${output}/app)`,
      2,
    );
  }
  const folder = dirname(output);
  if (!existsSync(folder)) {
    throw new BuildFailure(`there is no directory ${folder}: create it first`, 2);
  }
  try {
    return mkdtempSync(join(folder, ".hurricane-build-"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BuildFailure(`${output} cannot be written (${code}): give another place with -o`);
  }
}

/** Runs a compiler in a folder and keeps what it says. */
function run(
  { file, args, env }: Invocation,
  folder: string,
  interrupted: AbortSignal,
  said: (lines: string) => void = () => {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env, NO_COLOR: "1" },
    });
    const written = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (chunk: string) => written[name] += chunk);
    }
    createInterface({ input: child.stderr }).on("line", (line) => {
      if (line.startsWith("Download ")) said(`hurricane: deno: ${line}\n`);
    });
    interrupted.addEventListener("abort", () => child.kill("SIGKILL"));
    child.once("error", (error) => reject(notStarted(file, error)));
    child.once("close", (code) => resolve({ code, ...written }));
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
