/**
 * The files that hold tests: which there are, and which were meant.
 *
 * @module
 */
import { readdirSync, realpathSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { allowed, UsageError } from "./words.ts";

/** A file with tests, by its path from the repository. */
export interface TestFile {
  path: string;
  /** Examples are those in the docstrings of a source. */
  kind: "unit" | "e2e" | "examples";
  /** Does it choose itself what it runs? Then it is run once, not once for each form. */
  formless: boolean;
  /** Was it named, rather than found in a folder? */
  named: boolean;
}

/** End-to-end tests of what dist/hurricane alone does, and of what is built around it. */
const formless = ["build", "image", "prometheus", "release"].map((name) =>
  `tests/e2e/${name}_test.ts`
);

/** All files with tests, and all that may hold examples. */
export function allFiles(root: string): TestFile[] {
  const inFolder = (folder: string) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .map((name) => `${folder}/${name}`)
      .sort();
  return [
    ...inFolder("tests").filter((path) => path.endsWith("_test.ts")),
    ...inFolder("src").filter((path) => path.endsWith(".ts")),
  ].map(testFile);
}

/** What a file is, by its path. */
export function testFile(path: string): TestFile {
  const kind = path.startsWith("src/")
    ? "examples"
    : path.startsWith("tests/e2e/")
    ? "e2e"
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
    const within = wanted === "" ? "" : `${wanted}/`;
    const files = all.filter(({ path }) => path === wanted || path.startsWith(within));
    if (files.length === 0) {
      throw new UsageError(`"${given}": no test is there; ${allowed}`);
    }
    for (const file of files) {
      const named = file.path === wanted || found.get(file.path)?.named === true;
      found.set(file.path, { ...file, named });
    }
  }
  return [...found.values()];
}

/** Where what was given lies, seen from the repository. */
export function fromRoot(given: string, root: string, folder: string): string {
  const path = resolve(folder, given);
  const exists = statSync(path, { throwIfNoEntry: false }) !== undefined;
  return relative(realpathSync(root), exists ? realpathSync(path) : path);
}
