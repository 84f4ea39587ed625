/**
 * What came of a step: how many tests passed, and what is told of those that did not.
 *
 * @module
 */
import type { Ended } from "./command.ts";
import { type Case, readReport } from "./report.ts";
import type { Step } from "./steps.ts";

/** How many tests did what. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Something that failed. */
export interface Failure {
  /** The test's full name, or what happened to the step. */
  name: string;
  /** Where it is defined, and what it ran on. */
  where: string;
  /** The command that runs it alone. */
  command: string;
  /** How it failed; empty where the step's output is all there is. */
  text: string;
}

/** What came of a step. */
export interface Outcome {
  counts: Counts;
  failures: Failure[];
  /** The lines that say why something was skipped. */
  skips: string[];
}

/** At most so many lines are shown of what a failed step wrote, and so many characters of each. */
const shown = { lines: 40, characters: 300 };

/** The least that is shown of one of many failures, in lines. */
const leastLines = 6;

/** Judges a step by its end and its report. */
export function judge(
  step: Step,
  { ok, output }: Ended,
  report: string,
  filter: string | undefined,
): Outcome {
  const skips = [...new Set(output.match(/^skipped: .*$/gm))];
  if (step.report === undefined) {
    const counts = { passed: ok && !step.prepares ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
    return { counts, failures: ok ? [] : [wholeStep(step, "failed")], skips };
  }
  const cases = readReport(report, filter);
  const failures = cases.filter(({ outcome }) => outcome === "failed")
    .map((one) => failureOf(step, one));
  const skipped = cases.filter(({ outcome }) => outcome === "skipped").length;
  const counts = {
    passed: cases.length - failures.length - skipped,
    failed: 0,
    // Where a whole file is skipped, Bun reports nothing of it; whether a filter meant it is not known.
    skipped: cases.length === 0 && filter === undefined ? skips.length : skipped,
  };
  failures.push(...errorsBetween(step, output));
  const trouble = failures.length > 0 ? undefined : troubleOf(ok, output, counts, filter);
  if (trouble !== undefined) failures.push(wholeStep(step, trouble));
  counts.failed = failures.length;
  return { counts, failures, skips };
}

/** What could not be loaded, or was thrown between tests: no report knows of that. */
function errorsBetween({ name: step, again = "" }: Step, output: string): Failure[] {
  return [...errorsOfBun(output), ...errorsOfDeno(output)].map(({ file, text }) => ({
    name: "an error outside its tests",
    where: [...(file === undefined ? [] : [file]), runsOn(step)].join(", "),
    command: rerun(again, file),
    text,
  }));
}

function errorsOfBun(output: string): { file: string | undefined; text: string }[] {
  const pattern = /^# Unhandled error between tests\n-+\n(.*?)\n-+$/gms;
  return [...output.matchAll(pattern)].map(({ 1: text = "", index }) => ({
    file: [...output.slice(0, index).matchAll(/^(\S+_test\.ts):$/gm)].at(-1)?.[1],
    text,
  }));
}

function errorsOfDeno(output: string): { file: string | undefined; text: string }[] {
  const pattern = /^(\S+) \(uncaught error\)\n(.*?)\nThis error was not caught from a test/gms;
  return [...output.matchAll(pattern)].map(([, module = "", text = ""]) => ({
    file: /(?:tests|src)\/\S*?\.ts/.exec(module)?.[0],
    text,
  }));
}

/** What is wrong with a step of which no test has failed. */
function troubleOf(
  ok: boolean,
  output: string,
  { passed, skipped }: Counts,
  filter: string | undefined,
): string | undefined {
  const none = passed + skipped === 0;
  if (none && filter !== undefined && (ok || /^error: regex .* matched 0 tests/m.test(output))) {
    return undefined;
  }
  if (!ok) return "failed outside its tests";
  return none ? "ran no test" : undefined;
}

function failureOf({ again = "", name: step }: Step, { name, file, failure }: Case): Failure {
  return {
    name,
    where: [...(file === undefined ? [] : [file]), runsOn(step)].join(", "),
    command: rerun(again, file, name),
    text: failure,
  };
}

/** Examples are run by their file alone, and have no names. */
function rerun(again: string, file: string | undefined, name?: string): string {
  if (file?.startsWith("src/")) return `scripts/test ${file}`;
  return [
    ...["scripts/test", again],
    ...(file === undefined ? [] : [file]),
    ...(name === undefined ? [] : ["--filter", quote(name)]),
  ].join(" ");
}

function wholeStep({ name, again, command }: Step, what: string): Failure {
  return {
    name: `${name} ${what}`,
    where: runsOn(name),
    command: again === undefined ? command.join(" ") : `scripts/test ${again}`,
    text: "",
  };
}

/** `e2e (deno)` runs on deno; what has no such remark is its own. */
function runsOn(step: string): string {
  return /\((.*)\)/.exec(step)?.[1] ?? step;
}

/** A word for a shell. */
export function quote(word: string): string {
  return /["$`\\!]/.test(word) ? `'${word.replaceAll("'", `'\\''`)}'` : `"${word}"`;
}

/** The counts in words, as continuous integration reads them. */
export function summary({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** What is shown of a failed step: how each test failed or, where none did, how its output ends. */
export function excerpt(failures: readonly Failure[], output: string): string[] {
  const told = failures.filter(({ text }) => text !== "");
  const each = Math.max(leastLines, Math.floor(shown.lines / told.length) - 1);
  const lines = told.length > 0
    ? told.flatMap(({ name, text }) => [`${name}:`, ...cut(text.split("\n"), each)])
    : output.trimEnd().split("\n").filter((line) => !passing.test(line)).slice(-shown.lines);
  return cut(lines, shown.lines).map((line) =>
    line.length > shown.characters ? `${line.slice(0, shown.characters)}…` : line
  );
}

/** Tests that passed, as Bun and Deno say it. */
const passing = /^\(pass\) |^ *\S.* \.\.\. ok \(/;

function cut(lines: string[], most: number): string[] {
  return lines.length <= most ? lines : [...lines.slice(0, most - 1), "…"];
}
