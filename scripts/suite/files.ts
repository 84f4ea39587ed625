/**
 * The files that hold tests: which there are, and which were meant.
 *
 * @module
 */
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { allowed, UsageError } from "./words.ts";

/** A file with tests, by its path from the repository. */
export interface TestFile {
  path: string;
  /** Examples are those in the docstrings of a source. */
  kind: "unit" | "e2e" | "apps" | "examples";
  /** Does it choose itself what it runs? Then it is run once, not once for each form. */
  formless: boolean;
  /** Was it named, rather than found in a folder? */
  named: boolean;
}

/** End-to-end tests of what dist/hurricane alone does, and of what is built around it. */
const formless = [
  "build",
  "build_bundle",
  "build_files",
  "build_served",
  "image",
  "install",
  "prometheus",
  "release",
].map((
  name,
) => `tests/e2e/${name}_test.ts`);

/** All files with tests, and all sources with examples. */
export function allFiles(root: string): TestFile[] {
  const inFolder = (folder: string) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .map((name) => `${folder}/${name}`)
      .sort();
  return [
    ...inFolder("tests").filter((path) => path.endsWith("_test.ts")),
    ...inFolder("src").filter((path) =>
      path.endsWith(".ts") && hasExamples(readFileSync(join(root, path), "utf8"))
    ),
  ].map(testFile);
}

/** Does a source have an example, as Deno sees it: code between fences in a docstring? */
export function hasExamples(source: string): boolean {
  return [...source.matchAll(/\/\*\*.*?\*\//gs)].some(([docstring]) =>
    [...docstring.matchAll(/```([^\r\n]*)\r?\n.*?```/gs)].some(([, language = ""]) =>
      /^\s*(?:[cm]?[jt]sx?|javascript|typescript)?(?:[\s,]|$)/.test(language) &&
      !language.includes("ignore")
    )
  );
}

/** What a file is, by its path. */
export function testFile(path: string): TestFile {
  const kind = path.startsWith("src/")
    ? "examples"
    : /^tests\/(e2e|faults)\//.test(path)
    ? "e2e"
    : path.startsWith("tests/apps/")
    ? "apps"
    : "unit";
  return { path, kind, formless: formless.includes(path), named: false };
}

/**
 * The files that some paths mean, each once. Throws a {@linkcode UsageError} where one means none.
 *
 * @param paths from the repository, by what was given
 */
export function meant(paths: ReadonlyMap<string, string>, all: readonly TestFile[]): TestFile[] {
  const found = new Map<string, TestFile>();
  for (const [given, wanted] of paths) {
    const files = filesAt(wanted, all);
    if (files.length === 0) throw new UsageError(`"${given}": ${nothingAt(given, wanted, all)}`);
    for (const file of files) {
      const named = file.path === wanted || found.get(file.path)?.named === true;
      found.set(file.path, { ...file, named });
    }
  }
  return [...found.values()];
}

/** A file, or all in a folder. */
function filesAt(wanted: string, all: readonly TestFile[]): TestFile[] {
  const within = wanted === "" ? "" : `${wanted}/`;
  return all.filter(({ path }) => path === wanted || path.startsWith(within));
}

/** Why there is nothing to run, and what may have been meant. */
function nothingAt(given: string, wanted: string, all: readonly TestFile[]): string {
  const tests = wanted.replace(/^src\//, "tests/").replace(/\.ts$/, "_test.ts");
  if (wanted.startsWith("src/") && filesAt(tests, all).length > 0) {
    return `it has no examples; its tests are in ${tests}`;
  }
  const similar = similarTo(given, all);
  return `no test is there; ${
    similar.length > 0 ? `did you mean ${similar.join(", ")}?` : allowed
  }`;
}

/** Files and folders with tests that end like what was given or, where none does, have its name. */
function similarTo(given: string, all: readonly TestFile[]): string[] {
  const files = all.map(({ path }) => path).filter((path) => path.startsWith("tests/"));
  const places = [...new Set(files.flatMap((path) => [dirname(path), path]))];
  const endingLike = (end: string): string[] => {
    const ends = [`/${end}`, `/${end.replace(/(_test)?\.ts$/, "")}_test.ts`];
    return places.filter((path) => ends.some((one) => path.endsWith(one)));
  };
  const end = given.replace(/^(\.{0,2}\/)+|\/+$/g, "");
  const found = endingLike(end);
  return found.length > 0 ? found : endingLike(basename(end));
}

/** The file with the tests of an app, by the app's name; `undefined` where there is none. */
export function appFile(name: string, all: readonly TestFile[]): string | undefined {
  return all.find(({ kind, path }) => kind === "apps" && path === `tests/apps/${name}_test.ts`)
    ?.path;
}

/** Where what was given lies, seen from the repository. */
export function fromRoot(given: string, root: string, folder: string): string {
  const path = resolve(folder, given);
  const exists = statSync(path, { throwIfNoEntry: false }) !== undefined;
  return relative(realpathSync(root), exists ? realpathSync(path) : path);
}
