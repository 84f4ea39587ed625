import { spin } from "./contenders/work.ts";

const rounds = 1_000_000;

/** How many rounds of {@linkcode spin} take a millisecond on this machine, on Bun. */
export function calibrateBurn(): number {
  const times = Array.from({ length: 40 }, () => {
    const started = performance.now();
    // Without this the compiler might leave it out.
    if (spin(rounds) === 0) throw new Error("it was expected to be something else");
    return performance.now() - started;
  });
  // The fastest: the first ones run before the compiler has come to it, and others are interrupted.
  return Math.round(rounds / Math.min(...times));
}
