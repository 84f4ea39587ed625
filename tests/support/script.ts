import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { runtime } from "../../src/runtime/mod.ts";
import { ownEnvironment } from "./processes.ts";

/** How a script ended, and what it wrote. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Starts a script on the runtime that runs the tests, with pipes. */
export function startScript(script: URL, ...args: string[]): ChildProcess {
  const { file, args: before } = runtime.script(fileURLToPath(script));
  return spawn(file, [...before, ...args], { env: ownEnvironment() });
}

/** Runs a script to its end. */
export async function runScript(script: URL, ...args: string[]): Promise<Ended> {
  return await ended(startScript(script, ...args));
}

/** Reads a script's output to its end. */
export async function ended(child: ChildProcess): Promise<Ended> {
  const closed = once(child, "close");
  const [out, err] = await Promise.all([read(child.stdout), read(child.stderr)]);
  const [code] = await closed;
  return { code: code as number | null, stdout: out, stderr: err };
}

function read(stream: Readable | null): Promise<string> {
  return stream === null || stream.destroyed ? Promise.resolve("") : text(stream);
}
