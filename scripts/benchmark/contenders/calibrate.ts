/**
 * Prints how many rounds of {@linkcode spin} take a millisecond on the runtime that it runs on.
 *
 * @module
 */
import { spin } from "./work.ts";

const rounds = 500_000;

const times = Array.from({ length: 4000 }, () => {
  const started = performance.now();
  // Without this the compiler might leave it out.
  if (spin(rounds) === 0) throw new Error("it was expected to be something else");
  return performance.now() - started;
});
// Not the fastest: V8 compiles it again after hundreds of calls, and it is slower from then on.
const late = times.slice(-1000).toSorted((a, b) => a - b);
console.log(Math.round(rounds / late[Math.floor(late.length / 4)]!));
