/**
 * How a limit on memory is shared out. All sizes are in bytes, of memory that cannot be taken back.
 *
 * ```text
 * 0                                                                      killAt  limit
 * | Hurricane  | worker | worker | … | what one outgrows it by | one that starts |       |
 * ```
 *
 * While one worker is replaced, its successor is there as well: it must find room to start, not to
 * grow to a full share. And the one that is replaced grows on meanwhile.
 *
 * @module
 */

const megabyte = 2 ** 20;

/** The least that is left free: what can be filled between two looks, and until a kill has its effect. */
const leastMargin = 8 * megabyte;

/** The most. */
const mostMargin = 128 * megabyte;

/** The part of a limit that is left free between these, for what the kernel has for all of them. */
const marginShare = 1 / 32;

/** What Hurricane's own processes and the kernel may come to need beyond what they have now. */
const ownGrowth = 16 * megabyte;

/** A worker that starts needs this at least until it is replaced itself. */
const leastStart = 32 * megabyte;

/** A worker that has just started has yet to warm up. */
const warmUp = 2;

/** What a worker may grow by until it is replaced: this part of a limit. */
const overshoot = 1 / 16;

/** As fast as a process can fill memory, in bytes each millisecond. */
const fastestGrowth = 2e6;

/** What is no growth yet. */
export const stir = megabyte;

/** How long between two looks at memory, in milliseconds, and how long at least where it does not grow. */
export const longestPause = 500;
const [shortestPause, shortestAtRest] = [5, 50];

/** How far ahead growth is seen, in milliseconds: a supervisor may have to wait for a CPU for so long. */
const foresight = 50;

/** The most that is left free for that, of a limit: what grows may also stop. */
const foresightShare = 1 / 16;

/** In use, from which on the largest worker is killed: the kernel is about to kill somebody. */
export function killAt(limit: number): number {
  return limit - Math.min(mostMargin, Math.max(leastMargin, limit * marginShare));
}

/**
 * How much is free until somebody has to be killed.
 *
 * @param growth in bytes each millisecond
 */
export function freeBefore(limit: number, used: number, growth: number): number {
  const foreseen = Math.min(limit * foresightShare, Math.max(0, growth) * foresight);
  return killAt(limit) - used - foreseen;
}

/** What a limit is shared out by. */
export interface Sharing {
  limit: number;
  workers: number;
  /** What Hurricane's own processes have now: the supervisor, and what takes messages from a broker. */
  own: number;
  /** What a worker has that has just started. */
  start: number;
}

/**
 * Above what a worker is to be replaced, so that there is room for its successor. `undefined` where
 * there is none: a worker would be replaced for what it has when it starts.
 */
export function workerShare({ limit, workers, own, start }: Sharing): number | undefined {
  const starting = Math.max(leastStart, start * warmUp);
  const left = killAt(limit) - own - ownGrowth - starting - limit * overshoot;
  const share = Math.floor(left / workers);
  return share > starting ? share : undefined;
}

/**
 * In how many milliseconds to look again, where so much is free until somebody has to be killed.
 *
 * To wake up costs more than to look: 0.1 ms of a CPU on Bun, and 0.25 ms on Deno.
 */
export function pauseFor(free: number, grows: boolean): number {
  const least = grows ? shortestPause : shortestAtRest;
  return Math.min(longestPause, Math.max(least, free / fastestGrowth));
}

/** The most that Hurricane's own processes take: with ten messages of 1 MB at a time, where it takes them. */
export function ownMost(takesMessages: boolean): number {
  return (64 + (takesMessages ? 192 : 0)) * megabyte;
}

/** The most that a service takes whose workers keep to `--max-memory`, one of them being replaced. */
export function mostNeeded(workers: number, maxMemory: number, takesMessages: boolean): number {
  return ownMost(takesMessages) + maxMemory * (workers + 1);
}

/** For messages. */
export function inMegabytes(bytes: number): string {
  return `${Math.floor(bytes / megabyte)}mb`;
}
