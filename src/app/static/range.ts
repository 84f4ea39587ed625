/** A part of a file, in bytes. */
export interface Part {
  start: number;
  /** The first byte that is no longer of it. */
  end: number;
}

/**
 * The part that a `Range` asks for (RFC 9110 §14.1.2), `"unsatisfiable"` where the file has none of it,
 * and `undefined` where the whole file is the answer: another unit, a text that is no range, and
 * several ranges, which a server may ignore (§14.2). Of an empty file everything is sent, too.
 *
 * @example
 * ```ts
 * import { requestedPart } from "./range.ts";
 *
 * requestedPart("bytes=-100", 1000); // { start: 900, end: 1000 }
 * ```
 */
export function requestedPart(range: string, size: number): Part | "unsatisfiable" | undefined {
  const [, first, last] = /^bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(range) ?? [];
  if (first === undefined || last === undefined || first + last === "" || size === 0) {
    return undefined;
  }
  if (first === "") {
    const length = Number(last);
    return length === 0 ? "unsatisfiable" : { start: Math.max(0, size - length), end: size };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return undefined;
  if (start >= size) return "unsatisfiable";
  return { start, end: last === "" ? size : Math.min(Number(last) + 1, size) };
}
