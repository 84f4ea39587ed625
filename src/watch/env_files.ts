/**
 * The `.env` files that a runtime reads from its working directory before it runs anything: Bun does
 * (https://bun.com/docs/runtime/environment-variables), Deno when it is told to (`--env-file`).
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** The files that count in a working directory, whether they exist or not. */
export function envFiles(cwd: string): string[] {
  const mode = process.env["NODE_ENV"] || "development";
  return [".env", ".env.local", `.env.${mode}`, `.env.${mode}.local`].map((name) =>
    join(cwd, name)
  );
}

/**
 * This process's environment without what its own runtime has read from such files.
 *
 * A process that is started with it reads the files as they are by then; what it inherited would win
 * over what is in them. Only Linux tells what a process was started with; elsewhere everything stays.
 */
export function inheritableEnvironment(): NodeJS.ProcessEnv {
  if (process.platform !== "linux") return process.env;
  const started = readFileSync("/proc/self/environ", "utf8").split("\0");
  const names = new Set(started.map((entry) => entry.slice(0, entry.indexOf("="))));
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => names.has(name)));
}
