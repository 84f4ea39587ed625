/**
 * The commands that run what was asked for, in two lanes.
 *
 * @module
 */
import type { TestFile } from "./files.ts";
import { type Form, type Kind, kinds, UsageError, type Words } from "./words.ts";

/** One command. */
export interface Step {
  name: string;
  command: string[];
  env?: Record<string, string>;
  /** Where the command writes a JUnit report; without one, it is one test itself. */
  report?: string;
  /** Does it only prepare what others need? Then it is no test, but it can fail. */
  prepares?: boolean;
  /** The words for `scripts/test` that run its tests again; the file of one may follow. */
  again?: string;
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

/** What the API reference is made of. */
const published = ["src/mod.ts", "src/handler_types.ts"];

/**
 * The apps that tests serve are written as their frameworks' users do, with packages that the project does
 * not have: deno.json leaves them out, and so nothing but their formatting is looked at.
 */
const fmtOfApps = [
  ...["fmt", "--check", "--no-config", "--line-width=100"],
  ...["tests/apps/*/**", "docs/examples/express"],
];

/** What one test may take on Bun, in milliseconds, unless it says otherwise: a hang ends some time. */
const testTimeout = 180_000;

/**
 * Two lanes of steps, each about half of the work. Throws a {@linkcode UsageError} where there are none,
 * or none for a file that was named.
 *
 * @param files all that there are, or those that were meant
 */
export function lanes(words: Words, files: readonly TestFile[], places: Places): Step[][] {
  const narrowed = words.paths.length > 0 || words.filter !== undefined;
  const wanted = kindsOf(words, files, narrowed);
  const on = (form: Form): boolean => words.forms.length === 0 || words.forms.includes(form);
  const { unit, examples, endToEnd, packaging, apps } = sorted(wanted, files, words, on);

  const bun = (name: string, paths: string[], again: string, form?: Form): Step[] =>
    paths.length === 0 ? [] : [bunStep(name, paths, again, words, places, form)];
  const deno = (name: string, paths: string[], again: string, ...flags: string[]): Step[] =>
    paths.length === 0 ? [] : [denoStep(name, [...flags, ...paths], again, words, places)];

  const namedApps = files.filter(({ kind, named }) => kind === "apps" && named)
    .map(({ path }) => path).join(" ");
  const appsOn = (form: Form): Step[] =>
    (on(form) ? bun(`apps (${form})`, apps, `apps ${form}`, form) : [])
      .map((step) => ({ ...step, env: { ...step.env, TEST_APPS_NAMED: namedApps } }));
  const executable = [
    ...on("executable") ? bun("e2e (executable)", endToEnd, "e2e executable", "executable") : [],
    ...appsOn("executable"),
    // It builds dist/hurricane anew, which the step before has used.
    ...bun("e2e (packaging)", packaging, "e2e", "executable"),
  ];
  const build = executable.length > 0 && (!narrowed || places.executableIsOld());
  const unitOnBun = on("bun") ? bun("unit (bun)", unit, "unit bun") : [];
  // The lane with the executable is the longer one.
  const both = [
    [
      ...build ? [buildStep(narrowed)] : [],
      ...executable.length > 0 ? [] : unitOnBun,
      ...executable,
      ...on("bun") ? bun("e2e (bun)", endToEnd, "e2e bun", "bun") : [],
      ...appsOn("bun"),
    ],
    [
      ...wanted.includes("static") ? staticSteps(places) : [],
      ...executable.length > 0 ? unitOnBun : [],
      ...on("deno") ? deno("unit (deno)", unit, "unit deno") : [],
      ...on("deno") ? deno("examples", examples, "src", "--doc") : [],
      ...on("deno") ? bun("e2e (deno)", endToEnd, "e2e deno", "deno") : [],
      ...appsOn("deno"),
    ],
  ];
  const commands = both.flat().map(({ command }) => command);
  const ofWanted = files.filter((file) => wanted.includes(kindOf(file)));
  const left = commands.length === 0
    ? ofWanted[0] ?? files[0]
    : files.find(({ named, path }) =>
      named && !commands.some((command) => command.some((word) => word.endsWith(path)))
    );
  if (left !== undefined) throw new UsageError(refusal(words, wanted, left));
  return both;
}

/** What was named; else what the files are, what forms and filters are about, or everything. */
function kindsOf(words: Words, files: readonly TestFile[], narrowed: boolean): readonly Kind[] {
  if (words.kinds.length > 0) return words.kinds;
  if (words.paths.length > 0) {
    return kinds.filter((kind) => files.some((file) => kindOf(file) === kind));
  }
  if (words.forms.length > 0) return ["e2e"];
  return narrowed ? ["unit", "e2e"] : kinds;
}

function kindOf({ kind }: Pick<TestFile, "kind">): Kind {
  return kind === "examples" ? "unit" : kind;
}

/** The paths of the files that are wanted, by how they are run. */
function sorted(
  wanted: readonly Kind[],
  files: readonly TestFile[],
  { filter }: Words,
  on: (form: Form) => boolean,
) {
  const pathsOf = (kind: Kind, included: (file: TestFile) => boolean): string[] =>
    wanted.includes(kind) ? files.filter(included).map(({ path }) => path) : [];
  return {
    unit: pathsOf("unit", ({ kind }) => kind === "unit"),
    // Examples have no names that a filter could be about.
    examples: pathsOf("unit", ({ kind }) => kind === "examples" && filter === undefined),
    endToEnd: pathsOf("e2e", ({ kind, formless }) => kind === "e2e" && !formless),
    apps: pathsOf("apps", ({ kind }) => kind === "apps"),
    packaging: pathsOf(
      "e2e",
      ({ kind, formless, named }) => kind === "e2e" && formless && (named || on("executable")),
    ),
  };
}

/** Why the words do not lead to a file. */
function refusal(
  { kinds, forms, paths, filter }: Words,
  wanted: readonly Kind[],
  { kind, named, path }: TestFile,
): string {
  const given = [...kinds, ...forms, ...named ? [path] : paths].join(" ");
  const tests = {
    unit: "unit tests",
    e2e: "end-to-end tests",
    apps: "tests of apps",
    examples: "examples",
  }[kind];
  if (!wanted.includes(kindOf({ kind }))) {
    return `${given}: these are ${tests}, not ${wanted.join(" or ")}`;
  }
  if (kind !== "examples") return `${given}: ${tests} do not run on the executable`;
  return filter === undefined
    ? `${given}: examples run on deno alone`
    : `${given}: examples have no names that --filter could be about`;
}

function bunStep(
  name: string,
  paths: string[],
  again: string,
  { filter }: Words,
  { bun, reportOf }: Places,
  form?: Form,
): Step {
  const report = reportOf(name);
  const env = form === undefined ? undefined : { HURRICANE_FORM: form };
  return {
    name,
    command: [
      ...[bun, "test", `--timeout=${testTimeout}`, "--reporter=junit"],
      `--reporter-outfile=${report}`,
      ...(filter === undefined ? [] : ["--test-name-pattern", bunPattern(filter)]),
      ...paths.map((path) => `./${path}`),
    ],
    ...(env === undefined ? {} : { env }),
    report,
    again,
  };
}

/** Bun takes a regular expression, and matches names with a blank between a group and what is in it. */
function bunPattern(filter: string): string {
  return filter.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&").replaceAll(" > ", " (?:> )?");
}

function denoStep(
  name: string,
  paths: string[],
  again: string,
  { filter }: Words,
  { deno, reportOf, filterMap }: Places,
): Step {
  const report = reportOf(name);
  return {
    name,
    command: [
      ...[deno, "test", "-A", "--unstable-net", "--quiet", "--no-check"],
      "--preload=./scripts/suite/deno_errors.ts",
      `--junit-path=${report}`,
      ...(filter === undefined ? [] : [`--import-map=${filterMap}`]),
      ...paths,
    ],
    ...(filter === undefined ? {} : { env: { TEST_FILTER: filter } }),
    report,
    again,
  };
}

function buildStep(prepares: boolean): Step {
  return { name: "build", command: ["scripts/build"], prepares };
}

function staticSteps({ deno }: Places): Step[] {
  return [
    { name: "fmt", command: [deno, "fmt", "--check"], again: "static" },
    { name: "fmt (apps)", command: [deno, ...fmtOfApps], again: "static" },
    { name: "lint", command: [deno, "lint", "--quiet"], again: "static" },
    { name: "check", command: [deno, "check", "--quiet", ...checked], again: "static" },
    { name: "doc", command: [deno, "doc", "--lint", ...published], again: "static" },
  ];
}
