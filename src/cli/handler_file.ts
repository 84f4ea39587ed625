/**
 * The handler that a command line names.
 *
 * @module
 */
import { statSync } from "node:fs";
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
  const file = absolute(handler);
  const obstacle = whyNoPath(handler) ?? whyNoFile(file);
  if (obstacle === undefined) return file;
  throw new UsageError(`the handler ${quote(handler)} cannot be used: ${obstacle}`);
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
