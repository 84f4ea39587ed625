/**
 * The `.env` files that a runtime reads from its working directory before it runs anything: Bun does
 * (https://bun.com/docs/runtime/environment-variables), Deno when it is told to (`--env-file`).
 *
 * @module
 */
import { join } from "node:path";
import process from "node:process";

/** The files that count in a working directory, whether they exist or not. */
export function envFiles(cwd: string): string[] {
  const mode = process.env["NODE_ENV"] || "development";
  return [".env", ".env.local", `.env.${mode}`, `.env.${mode}.local`].map((name) =>
    join(cwd, name)
  );
}
