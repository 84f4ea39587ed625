/**
 * A number and what it counts, as a sentence has it: `1 request`, `0 requests`, `2 requests were`.
 *
 * @param many of several, and of none. Default: `one` with an s
 *
 * @example
 * ```ts
 * import { counted } from "./counted.ts";
 *
 * console.assert(counted(1, "restart") === "1 restart");
 * console.assert(counted(2, "process is", "processes are") === "2 processes are");
 * ```
 */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
