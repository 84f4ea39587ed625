/**
 * The path of a file below a directory, from what follows the prefix in the path of a request: decoded,
 * with a slash before it. `undefined` where that can be no file that is served:
 *
 * - a name that begins with a dot: `.` and `..` are a way out of the directory, and `.env` and `.git`
 *   are nobody's business;
 * - a name with a slash, a backslash or a NUL in it, which only an encoded one can be;
 * - an empty name, but for the last, which stands for a directory;
 * - what is not the encoding of a text in UTF-8.
 *
 * Nothing is decoded twice.
 *
 * @example
 * ```ts
 * import { filePath } from "./path.ts";
 *
 * console.assert(filePath("a%20b/c@2x.png") === "/a b/c@2x.png");
 * console.assert(filePath("%2e%2e/secret") === undefined);
 * ```
 */
export function filePath(path: string): string | undefined {
  let found = "";
  const names = path.split("/");
  for (const [index, name] of names.entries()) {
    const decoded = decode(name);
    if (decoded === undefined || /^\.|[/\\\0]/.test(decoded)) return undefined;
    if (decoded === "" && index < names.length - 1) return undefined;
    found += `/${decoded}`;
  }
  return found;
}

function decode(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}
