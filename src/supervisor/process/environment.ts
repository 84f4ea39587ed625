import process from "node:process";
import { readText } from "../../runtime/first_files.ts";

/**
 * The environment of a process around the handler: this process's, without what its runtime has taken
 * from `.env` files. Bun reads them in each process anew, so that a handler that is started again gets
 * what they say by then; a variable that it inherits would go before them.
 *
 * @param initial what this process was started with; only Linux tells, elsewhere all is inherited
 */
export function inheritedEnvironment(
  initial: ReadonlySet<string> | undefined = initialNames(),
): NodeJS.ProcessEnv {
  if (initial === undefined) return { ...process.env };
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => initial.has(name)));
}

/** The names of the variables that this process was started with. */
function initialNames(): Set<string> | undefined {
  try {
    const text = readText("/proc/self/environ");
    return new Set(text.split("\0").map((entry) => entry.slice(0, entry.indexOf("="))));
  } catch {
    // Another system, or a container that hides it.
    return undefined;
  }
}
