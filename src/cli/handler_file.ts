/**
 * The handler that a command line names.
 *
 * @module
 */
import { readFileSync, statSync } from "node:fs";
import { resolve as absolute } from "node:path";
import { quote, UsageError } from "../options/usage_error.ts";

/**
 * The one handler that is named.
 *
 * @param command What is to be done with it, for the error.
 * @returns Its absolute path.
 * @throws {UsageError} None is named, or several, or it is no file.
 */
export function handlerFile(positionals: string[], command: string): string {
  const [handler, ...more] = positionals;
  if (handler === undefined) {
    throw new UsageError(`no handler is given, as in: hurricane ${command} ./handler.ts`);
  }
  if (more.length > 0) {
    const words = positionals.map(quote).join(" ");
    throw new UsageError(
      `one handler is needed, not ${words} (several words of one value need quotes around them)`,
    );
  }
  const file = moduleAt(absolute(handler));
  const obstacle = whyNoPath(handler) ?? whyNoFile(file);
  if (obstacle === undefined) return file;
  throw new UsageError(`the handler ${quote(handler)} cannot be used: ${obstacle}`);
}

/** What may be left out at the end of a name, as with `node dist/main`. */
const endings = [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx"];

/**
 * The module that a path stands for, as for node: with an ending added, or in a directory what its
 * `package.json` names as `main`, or `index`. The path itself where there is none.
 */
function moduleAt(path: string): string {
  if (isFile(path)) return path;
  const module = withEnding(path);
  if (module !== undefined) return module;
  const main = mainOf(path);
  const named = main === undefined ? undefined : absolute(path, main);
  const candidates = named === undefined ? [] : [named, absolute(named, "index")];
  for (const candidate of [...candidates, absolute(path, "index")]) {
    const inside = isFile(candidate) ? candidate : withEnding(candidate);
    if (inside !== undefined) return inside;
  }
  return path;
}

function withEnding(path: string): string | undefined {
  return endings.map((ending) => path + ending).find(isFile);
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // Nothing there, or not to be reached: whoever needs it says why.
    return false;
  }
}

function mainOf(folder: string): string | undefined {
  try {
    const { main } = JSON.parse(readFileSync(absolute(folder, "package.json"), "utf8"));
    return typeof main === "string" ? main : undefined;
  } catch {
    // There is none, or none that could be read: then it names nothing.
    return undefined;
  }
}

/** Files that a runtime could import, but that hold no program. */
const dataFile = /\.(css|csv|html?|jpe?g|json[5c]?|lock|md|png|svg|toml|txt|wasm|xml|ya?ml)$/i;

/** What is in the way of taking a word for the path of a module, or `undefined`. */
function whyNoPath(word: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(word)) {
    return "it is a URL, and a file is needed: download it, or import it in a file";
  }
  return dataFile.test(word) ? "it is no JavaScript or TypeScript module" : undefined;
}

/** What is in the way of importing a file, or `undefined`. */
function whyNoFile(file: string): string | undefined {
  try {
    const found = statSync(file);
    if (found.isFile()) return undefined;
    return found.isDirectory()
      ? `${file} is a directory, and a module in it is needed`
      : `${file} is no regular file`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? `there is no file ${file}` : `${file} cannot be reached (${code})`;
  }
}

/** Refuses a handler where one is built in. */
export function noHandlerFile(positionals: string[], builtin: string): string {
  if (positionals.length === 0) return builtin;
  throw new UsageError(
    `${positionals.map(quote).join(" ")} is one too many: the handler ${builtin} is built in`,
  );
}
