/** Whole seconds that are at least as long, for Kubernetes knows no smaller unit. */
export function wholeSeconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}

/** A duration as a comment says it: `900ms`, `20s`, `5m`. */
export function inWords(milliseconds: number): string {
  if (milliseconds % 1000 !== 0) return `${milliseconds}ms`;
  if (milliseconds % 60_000 !== 0 || milliseconds === 0) return `${milliseconds / 1000}s`;
  return `${milliseconds / 60_000}m`;
}
