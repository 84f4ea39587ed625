import { elapsed } from "./elapsed.ts";
import { longestQuiet, stillWaiting } from "./timeline.ts";

/**
 * Has said how long something takes, as long as it does: after 5 s, then after pauses that grow, for
 * whoever reads a log needs no line a second about what hangs for an hour.
 *
 * @param say is given the time, as text
 * @param first the first pause, in milliseconds
 * @returns ends it
 */
export function whileWaiting(say: (time: string) => void, first = stillWaiting): () => void {
  const began = performance.now();
  let timer: ReturnType<typeof setTimeout>;
  const wait = (pause: number): void => {
    timer = setTimeout(() => {
      say(elapsed(performance.now() - began));
      wait(Math.min(2 * pause, longestQuiet));
    }, pause);
  };
  wait(first);
  return () => clearTimeout(timer);
}
