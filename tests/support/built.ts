/**
 * Apps that `hurricane build` makes, by dist/hurricane.
 *
 * @module
 */
import { mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { assertEquals } from "@std/assert";
import { anywhere, executable, repository } from "./executable.ts";
import { type Outcome, Program, run } from "./program.ts";
import type { TempDir } from "./temp_dir.ts";

/** `hurricane build` in a folder, with the executable alone: no environment, and so no PATH. */
export function build(
  dir: TempDir,
  args: string[],
  env: Record<string, string> = {},
): Promise<Outcome> {
  return run({ file: executable, args: ["build", ...args], cwd: dir.path, env });
}

/** Builds, and expects no complaint. */
export async function built(dir: TempDir, args: string[]): Promise<void> {
  const { code, stderr } = await build(dir, args);
  assertEquals([code, stderr], [0, ""]);
}

/** Starts a built app where it lies, with an empty environment. */
export function started(
  app: string,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<Program> {
  return serving({ file: app, args: [...anywhere, ...args], cwd: dirname(app), env });
}

/** Starts `hurricane serve` where the handler lies, with an empty environment. */
export function served(
  handler: string,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<Program> {
  const cwd = dirname(handler);
  return serving({ file: executable, args: ["serve", handler, ...anywhere, ...args], cwd, env });
}

async function serving(call: ConstructorParameters<typeof Program>[0]): Promise<Program> {
  const program = new Program(call);
  try {
    return await program.serving();
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
}

/** Gives a folder packages of this repository. */
export function linkPackages(dir: TempDir, names: readonly string[]): void {
  mkdirSync(join(dir.path, "node_modules"), { recursive: true });
  for (const name of names) {
    const installed = realpathSync(join(repository, "node_modules", name));
    symlinkSync(installed, join(dir.path, "node_modules", name));
  }
}
