/**
 * Work of which a server can do only so much: what every contender does under overload.
 *
 * @module
 */
import { burn, greeting } from "./work.ts";

function burnFor(milliseconds: number): string {
  for (let done = 0; done < milliseconds; done++) burn();
  return greeting;
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Ten connections to a database, each of which is busy for 50 ms with one request. */
const waiting: (() => void)[] = [];
let free = 10;
let count = 0;

async function query(): Promise<string> {
  if (free > 0) free--;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  await pause(50);
  const next = waiting.shift();
  if (next === undefined) free++;
  else next();
  return greeting;
}

/** The kinds of work; each can be done 200 times in a second, but `burn-1`: 1,000 times. */
export const heavy: Record<string, () => string | Promise<string>> = {
  "burn-5": () => burnFor(5),
  "burn-1": () => burnFor(1),
  "await-burn-5": async () => {
    await pause(3);
    return burnFor(5);
  },
  // One in ten is a big one.
  "mix": () => burnFor(count++ % 10 === 0 ? 23 : 3),
  "pool": query,
};
