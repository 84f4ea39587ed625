/**
 * Numbers for people.
 *
 * @module
 */

/** A duration in seconds, in the unit that suits it: `340 µs`, `12 ms`, `1.5 s`, `12 min`, `3.5 h`. */
export function duration(seconds: number): string {
  if (seconds === 0) return "0 ms";
  if (seconds < 0.001) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 1) return `${rounded(seconds * 1000)} ms`;
  if (seconds < 60) return `${rounded(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${rounded(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} days`;
}

/** A size in bytes, as its options are written: `512kb`, `87mb`. */
export function bytes(size: number): string {
  return size < 2 ** 20 ? `${Math.round(size / 1024)}kb` : `${Math.round(size / 2 ** 20)}mb`;
}

/** A number of which the first two digits matter, and all before the point. */
export function rounded(value: number): string {
  if (value >= 10 || Number.isInteger(value)) return String(Math.round(value));
  return value.toFixed(value < 0.1 ? 2 : 1);
}
