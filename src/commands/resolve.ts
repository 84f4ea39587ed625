import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import type { Invocation } from "../runtime/runtime.ts";
import { isScript } from "./words.ts";

/** Where programs are looked for when there is no `PATH` at all, as execvp(3) does. */
const defaultPath = "/usr/bin:/bin";

/**
 * Finds what the first of a command's words names.
 *
 * A script is handed to `script`. A word with a slash is a path from the working directory; every
 * other one is looked up on `PATH`. This is done here, and not left to the runtime, so that both
 * runtimes find the same program and give the same reason when there is none.
 *
 * @throws {Error} Nothing can be started under that name. The message is the reason.
 */
export function resolveCommand(
  words: readonly string[],
  script: (file: string) => Invocation,
): Invocation {
  const [first = "", ...rest] = words;
  if (isScript(first)) {
    const obstacle = obstacleTo(first, constants.R_OK);
    if (obstacle !== undefined) throw new Error(obstacle.reason);
    const { file, args, env } = script(resolve(first));
    return { file, args: [...args, ...rest], env };
  }
  return {
    file: resolve(first.includes("/") ? atPath(first) : onPath(first)),
    args: rest,
    env: {},
  };
}

/** Why a file cannot be used. */
interface Obstacle {
  reason: string;
  /** There is no such file, or none that can be seen. */
  missing: boolean;
}

function atPath(file: string): string {
  const obstacle = obstacleToExecution(file);
  if (obstacle !== undefined) throw new Error(obstacle.reason);
  return file;
}

function onPath(word: string): string {
  const path = process.env.PATH ?? defaultPath;
  let found: Obstacle | undefined;
  for (const folder of word === "" ? [] : path.split(":")) {
    // With an empty entry, which is the working directory (XBD 8.3, PATH), it is the word alone.
    const file = join(folder, word);
    const obstacle = obstacleToExecution(file);
    if (obstacle === undefined) return file;
    // Like a shell, look further; what is in the way is only told when nothing else is found.
    if (!obstacle.missing) found ??= obstacle;
  }
  throw new Error(found?.reason ?? `no program "${word}" is on PATH; install it, or give its path`);
}

/** Why a file cannot be opened in that way; `undefined` when it can. */
function obstacleTo(file: string, mode: number): Obstacle | undefined {
  let missing = true;
  try {
    const stat = statSync(file);
    missing = false;
    if (stat.isDirectory()) return { reason: `${file}: is a directory`, missing };
    if (!stat.isFile()) return { reason: `${file}: is not a regular file`, missing };
    accessSync(file, mode);
  } catch (error) {
    return { reason: `${file}: ${explain(error as NodeJS.ErrnoException, file)}`, missing };
  }
}

function explain({ code, message }: NodeJS.ErrnoException, file: string): string {
  if (code === "EACCES") return "permission denied";
  if (code !== "ENOENT" && code !== "ENOTDIR") return message;
  return file.startsWith("/") ? "no such file" : `no such file in ${process.cwd()}`;
}

function obstacleToExecution(file: string): Obstacle | undefined {
  const obstacle = obstacleTo(file, constants.X_OK);
  if (obstacle !== undefined) {
    const readable = !obstacle.missing && obstacleTo(file, constants.R_OK) === undefined;
    if (!readable) return obstacle;
    const reason = `${file}: is neither a script (.ts, .js, …) nor executable (chmod +x)`;
    return { reason, missing: false };
  }
  const head = firstBytes(file);
  if (head === undefined || head.startsWith("#!") || head.includes("\0")) return undefined;
  // execvp(3), and so Deno, gives such a file to /bin/sh; Bun does not.
  return { reason: `${file}: begins with no "#!" line, and no shell is used`, missing: false };
}

/** Enough of a file to tell a program from text; `undefined` for one that may not be read. */
function firstBytes(file: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EACCES") return undefined;
    throw error;
  }
  try {
    const bytes = Buffer.alloc(256);
    return bytes.toString("latin1", 0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}
