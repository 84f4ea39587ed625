/**
 * The files and folders that the benchmark uses.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The repository. */
export const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The contenders as they are committed. */
export const contendersSource = join(projectRoot, "scripts/benchmark/contenders");

/** What is installed for the benchmark alone: nothing of it is a dependency of Hurricane. */
export const benchRoot = join(projectRoot, ".tools/bench");

/** The contenders as they run: beside the packages that they import. */
export const contendersRoot = join(benchRoot, "contenders");

/** What a contender wrote to its standard streams when it ran last. */
export function outputFile(contender: string): string {
  return join(benchRoot, `output.${contender}.log`);
}

/**
 * The pinned runtimes. Contenders run on a copy of Bun: the benchmark itself runs on the original, and
 * memory that both map would be counted in halves.
 */
export const runtimes = {
  bun: join(benchRoot, basename(process.env["HURRICANE_BUN"] ?? "bun")),
  deno: process.env["HURRICANE_DENO"] ?? "deno",
};

/** A contender's file. */
export function contenderFile(name: string): string {
  return join(contendersRoot, name);
}
