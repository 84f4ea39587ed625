/**
 * What `scripts/test` runs: the steps that were asked for, in two lanes at a time.
 *
 * @module
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { execute, killAll } from "./command.ts";
import { executableIsOld } from "./executable.ts";
import { allFiles, appFile, fromRoot, meant } from "./files.ts";
import { filterMap } from "./filter_map.ts";
import { type Counts, excerpt, type Failure, judge, summary } from "./outcome.ts";
import { Progress } from "./progress.ts";
import { lanes, type Places, type Step } from "./steps.ts";
import { parseWords, UsageError, type Words } from "./words.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Reports and logs; what failed can be read there afterwards. */
const work = mkdtempSync(join(tmpdir(), "hurricane-suite-"));

const places: Places = {
  bun: process.env["HURRICANE_BUN"] ?? "bun",
  deno: process.env["HURRICANE_DENO"] ?? "deno",
  reportOf: (name) => join(work, `${fileName(name)}.xml`),
  filterMap: join(work, "import_map.json"),
  executableIsOld: () => executableIsOld(root),
};

function plan(words: Words, folder: string): Step[][] {
  const all = allFiles(root);
  if (words.paths.length === 0) return lanes(words, all, places);
  const wanted = (given: string): string =>
    (words.kinds.includes("apps") ? appFile(given, all) : undefined) ??
      fromRoot(given, root, folder);
  const paths = words.paths.map((given) => [given, wanted(given)] as const);
  return lanes(words, meant(new Map(paths), all), places);
}

/** Runs the lanes, and tells what happens. Returns what came of all. */
async function runAll(
  planned: readonly Step[][],
  { filter }: Words,
): Promise<{ total: Counts; failures: Failure[] }> {
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  const failures: Failure[] = [];
  using progress = new Progress();
  const run = async (step: Step): Promise<void> => {
    progress.starts(step.name);
    const log = join(work, `${fileName(step.name)}.log`);
    const ended = await execute(step.command, { cwd: root, env: step.env, log });
    const outcome = judge(step, ended, readIfThere(step.report), filter);
    if (outcome.failures.length > 0) {
      const shown = excerpt(outcome.failures, ended.output).join("\n");
      console.log(`--- ${step.name}\n${shown}\n--- all of its output: ${log}`);
    }
    for (const reason of outcome.skips) console.log(reason);
    progress.ends(step.name, step.prepares && ended.ok ? "done" : summary(outcome.counts));
    failures.push(...outcome.failures);
    for (const kind of ["passed", "failed", "skipped"] as const) {
      total[kind] += outcome.counts[kind];
    }
  };
  await Promise.all(planned.map(async (lane) => {
    for (const step of lane) await run(step);
  }));
  return { total, failures };
}

function readIfThere(file: string | undefined): string {
  return file !== undefined && existsSync(file) ? readFileSync(file, "utf8") : "";
}

function fileName(step: string): string {
  return step.replace(/\W+/g, "-").replace(/-$/, "");
}

/** @param folder where paths were given from */
async function main([folder = root, ...args]: readonly string[]): Promise<void> {
  const words = parseWords(args);
  const planned = plan(words, folder);
  if (words.filter !== undefined) writeFileSync(places.filterMap, filterMap(root));
  const { total, failures } = await runAll(planned, words);
  if (words.filter !== undefined && total.passed + total.failed + total.skipped === 0) {
    throw new UsageError(
      `--filter "${words.filter}": no test's full name ("group > test") has that in it`,
    );
  }
  if (failures.length === 0) rmSync(work, { recursive: true, force: true });
  else console.log("\nfailed, and what runs it alone:");
  for (const { name, where, command } of failures) {
    console.log(`  ${name} (${where})\n    ${command}`);
  }
  console.log(summary(total));
  process.exitCode = total.failed > 0 ? 1 : 0;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    killAll();
    console.error(`stopped; what was written so far: ${work}`);
    process.exit(signal === "SIGINT" ? 130 : 143);
  });
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`scripts/test ${error.message}`);
  rmSync(work, { recursive: true, force: true });
  process.exitCode = 2;
}
