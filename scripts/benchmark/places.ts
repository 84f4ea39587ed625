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

/** The pinned runtimes themselves, on which the benchmark runs, and whatever else there is on the machine. */
export const originals = {
  bun: process.env["HURRICANE_BUN"] ?? "bun",
  deno: process.env["HURRICANE_DENO"] ?? "deno",
};

/**
 * The copies that contenders run on: of memory that others map as well, who run on the same file, each
 * would count as a part alone. With an original that somebody used elsewhere, a bare Deno had 23 MB, not 43.
 */
export const runtimes = {
  bun: join(benchRoot, basename(originals.bun)),
  deno: join(benchRoot, basename(originals.deno)),
};

/** A contender's file. */
export function contenderFile(name: string): string {
  return join(contendersRoot, name);
}
