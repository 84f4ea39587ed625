import { JSON, URL } from "../../natives.ts";

/** A directory whose files are served, and the path that they are served below. */
export interface StaticSite {
  /** Begins and ends with a slash. */
  prefix: string;
  /** As it was given: relative to the working directory, if it is relative. */
  directory: string;
}

/** Where the files of a directory are served unless another prefix is given. */
const defaultPrefix = "/static/";

/**
 * Reads a value of `--static`: `dir` or `/prefix/=dir`. What stands before the first `=` is a prefix, so
 * a directory with that sign in its name needs one.
 *
 * @throws {Error} The prefix is none, or there is no directory; the message says why.
 *
 * @example
 * ```ts
 * import { parseStaticSite } from "./site.ts";
 *
 * console.assert(parseStaticSite("public").prefix === "/static/");
 * console.assert(parseStaticSite("/assets/=dist").directory === "dist");
 * ```
 */
export function parseStaticSite(value: string): StaticSite {
  const [, prefix = defaultPrefix, directory = ""] = /^(?:([^=]*)=)?(.*)$/s.exec(value) ?? [];
  if (!isPrefix(prefix)) {
    throw new Error(
      `the prefix ${
        JSON.stringify(prefix)
      } must be a plain path that begins and ends with a slash, ` +
        "as in /assets/=dist",
    );
  }
  if (directory === "") throw new Error("the directory is missing");
  if (/^[a-z]+:\/\//i.test(directory)) throw new Error("a URL is no directory");
  return { prefix, directory };
}

/** Does it stand in requests as it is? What a URL parser would change could never be requested. */
function isPrefix(prefix: string): boolean {
  if (!/^\/([^/%]+\/)*$/.test(prefix)) return false;
  const url = `http://host${prefix}`;
  return URL.canParse(url) && new URL(url).pathname === prefix;
}
