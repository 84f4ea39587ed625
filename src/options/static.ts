/**
 * What must be true of `--static` besides its form.
 *
 * @module
 */
import { statSync } from "node:fs";
import { resolve as absolute } from "node:path";
import { parseStaticSite } from "../app/static/site.ts";
import { quote, UsageError } from "./usage_error.ts";

/**
 * Refuses two directories for one prefix.
 *
 * @param values As they are given to `--static`; their form has been checked.
 * @param name What the user calls the option.
 * @throws {UsageError} There are two.
 */
export function requireDistinctPrefixes(values: readonly string[], name: string): void {
  const owners = new Map<string, string>();
  for (const value of values) {
    const { prefix, directory } = parseStaticSite(value);
    const owner = owners.get(prefix);
    if (owner !== undefined) {
      throw new UsageError(
        `${name} gives ${quote(prefix)} to ${quote(owner)} and to ${
          quote(directory)
        }: each needs a ` +
          `prefix of its own, as in /other/=${directory}`,
      );
    }
    owners.set(prefix, directory);
  }
}

/**
 * Refuses directories that cannot be served from here. Only who serves needs them: a manifest is about
 * another machine.
 *
 * @param values As they are given to `--static`; their form has been checked.
 * @param name What the user calls the option.
 * @throws {UsageError} The first one that is not there, or is no directory.
 */
export function requireDirectories(values: readonly string[], name: string): void {
  for (const value of values) {
    const obstacle = whyNoDirectory(absolute(parseStaticSite(value).directory));
    if (obstacle !== undefined) throw new UsageError(`${name} ${quote(value)}: ${obstacle}`);
  }
}

function whyNoDirectory(path: string): string | undefined {
  try {
    return statSync(path).isDirectory() ? undefined : `${path} is no directory`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT"
      ? `there is no directory ${path}`
      : `${path} cannot be reached (${code})`;
  }
}
