/**
 * The commands that run what was asked for, in two lanes.
 *
 * @module
 */
import type { TestFile } from "./files.ts";
import { type Form, forms, type Kind, kinds, UsageError, type Words } from "./words.ts";

/** One command. */
export interface Step {
  name: string;
  command: string[];
  env?: Record<string, string>;
  /** Where the command writes a JUnit report; without one, it is one test itself. */
  report?: string;
  /** Does it only prepare what others need? Then it is no test, but it can fail. */
  prepares?: boolean;
  /** What to give to `scripts/test` to run one of the tests again, before its file. */
  words?: string;
}

/** What the commands are made of. */
export interface Places {
  bun: string;
  deno: string;
  /** The report of a step. */
  reportOf(name: string): string;
  /** The import map that makes Deno heed a filter. */
  filterMap: string;
  /** Is dist/hurricane missing, or older than what it is made of? */
  executableIsOld(): boolean;
}

/** What the static checks read. */
const checked = ["src", "tests", "scripts", "docs/examples"];

/** What one test may take on Bun, in milliseconds, unless it says otherwise: a hang ends some time. */
const testTimeout = 180_000;

/**
 * Two lanes of steps, each about half of the work. Throws a {@linkcode UsageError} where there are none.
 *
 * @param files all that there are, or those that were meant
 */
export function lanes(words: Words, files: readonly TestFile[], places: Places): Step[][] {
  const narrowed = words.paths.length > 0 || words.filter !== undefined;
  const wanted = kindsOf(words, files, narrowed);
  const runtimes = runtimesOf(words.forms);
  const formsWanted: readonly Form[] = words.forms.length > 0 ? words.forms : forms;
  const pathsOf = (kind: TestFile["kind"], included: (file: TestFile) => boolean = () => true) =>
    files.filter((file) => file.kind === kind && included(file)).map(({ path }) => path);

  const unit = wanted.includes("unit") ? pathsOf("unit") : [];
  const examples = wanted.includes("unit") && words.filter === undefined ? pathsOf("examples") : [];
  const endToEnd = wanted.includes("e2e") ? pathsOf("e2e", ({ formless }) => !formless) : [];
  const packaging = wanted.includes("e2e")
    ? pathsOf(
      "e2e",
      ({ formless, named }) => formless && (named || formsWanted.includes("executable")),
    )
    : [];

  const on = (runtime: "bun" | "deno", paths: string[], step: (paths: string[]) => Step): Step[] =>
    paths.length > 0 && runtimes.includes(runtime) ? [step(paths)] : [];
  const form = (form: Form): Step[] =>
    endToEnd.length > 0 && formsWanted.includes(form)
      ? [bunStep(`e2e (${form})`, endToEnd, `e2e ${form}`, words, places, form)]
      : [];
  const packagingSteps = packaging.length > 0
    ? [bunStep("e2e (packaging)", packaging, "e2e", words, places, "executable")]
    : [];
  const usesExecutable = [...form("executable"), ...packagingSteps].length > 0;

  const both = [
    [
      ...usesExecutable && (!narrowed || places.executableIsOld()) ? [buildStep(narrowed)] : [],
      ...on("bun", unit, (paths) => bunStep("unit (bun)", paths, "unit bun", words, places)),
      ...form("executable"),
      // It builds dist/hurricane anew, which the step before has used.
      ...packagingSteps,
      ...form("bun"),
    ],
    [
      ...wanted.includes("static") ? staticSteps(places) : [],
      ...on("deno", unit, (paths) => denoStep("unit (deno)", paths, "unit deno", words, places)),
      ...on(
        "deno",
        examples,
        (paths) => denoStep("examples", ["--doc", ...paths], "src", words, places),
      ),
      ...form("deno"),
    ],
  ];
  const left = files.find(({ named, path }) =>
    named && !both.flat().some(({ command }) => command.some((word) => word.endsWith(path)))
  );
  if (left !== undefined || both.flat().length === 0) throw new UsageError(nothing(words));
  return both;
}

/** What was named; else what the files are, what forms and filters are about, or everything. */
function kindsOf(words: Words, files: readonly TestFile[], narrowed: boolean): readonly Kind[] {
  if (words.kinds.length > 0) return words.kinds;
  if (words.paths.length > 0) {
    return kinds.filter((kind) =>
      files.some((file) => (file.kind === "examples" ? "unit" : file.kind) === kind)
    );
  }
  if (words.forms.length > 0) return ["e2e"];
  return narrowed ? ["unit", "e2e"] : kinds;
}

function runtimesOf(named: readonly Form[]): readonly Form[] {
  return named.length > 0 ? named : ["bun", "deno"];
}

function nothing({ kinds, forms, paths }: Words): string {
  const given = [...kinds, ...forms, ...paths].join(" ");
  return `${given}: no test is all of this; unit tests run on bun and deno, examples on deno alone`;
}

function bunStep(
  name: string,
  paths: string[],
  words: string,
  { filter }: Words,
  { bun, reportOf }: Places,
  form?: Form,
): Step {
  const report = reportOf(name);
  return {
    name,
    command: [
      ...[bun, "test", `--timeout=${testTimeout}`, "--reporter=junit"],
      `--reporter-outfile=${report}`,
      ...(filter === undefined ? [] : ["--test-name-pattern", bunPattern(filter)]),
      ...paths.map((path) => `./${path}`),
    ],
    ...(form === undefined ? {} : { env: { HURRICANE_FORM: form } }),
    report,
    words,
  };
}

/** Bun takes a regular expression, and matches names with a blank between a group and what is in it. */
function bunPattern(filter: string): string {
  return filter.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&").replaceAll(" > ", " (?:> )?");
}

function denoStep(
  name: string,
  paths: string[],
  words: string,
  { filter }: Words,
  { deno, reportOf, filterMap }: Places,
): Step {
  const report = reportOf(name);
  return {
    name,
    command: [
      ...[deno, "test", "-A", "--unstable-net", "--quiet", "--no-check"],
      `--junit-path=${report}`,
      ...(filter === undefined ? [] : [`--import-map=${filterMap}`]),
      ...paths,
    ],
    ...(filter === undefined ? {} : { env: { TEST_FILTER: filter } }),
    report,
    words,
  };
}

function buildStep(prepares: boolean): Step {
  return { name: "build", command: ["scripts/build"], prepares };
}

function staticSteps({ deno }: Places): Step[] {
  return [
    { name: "fmt", command: [deno, "fmt", "--check"] },
    { name: "lint", command: [deno, "lint", "--quiet"] },
    { name: "check", command: [deno, "check", "--quiet", ...checked] },
  ];
}
