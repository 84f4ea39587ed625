/**
 * A time that has passed, for people: `0.25s`, `12.3s`, `3m 20s`, `2h 5m`.
 *
 * @param milliseconds how long
 *
 * @example
 * ```ts
 * import { elapsed } from "./elapsed.ts";
 *
 * console.assert(elapsed(200_000) === "3m 20s");
 * ```
 */
export function elapsed(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${Number(seconds.toFixed(seconds < 1 ? 3 : 1))}s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours === 0 ? `${minutes}m ${whole % 60}s` : `${hours}h ${minutes}m`;
}
