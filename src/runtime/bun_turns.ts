import type { Late } from "./runtime.ts";
import { performance, Promise, setImmediate } from "../natives.ts";

/** How often it is noted that the event loop turns, in milliseconds, unless nothing happens. */
const noteInterval = 250;

/** Where that has not been noted for so long, in milliseconds, requests wait for the loop's next turn. */
const longest = 2 * noteInterval;

/** For how long those that have waited are taken up in one turn, in milliseconds. */
const share = 20;

/** Requests wait from then on. */
let until = 0;
/** Is it noted more rarely, as nothing happens? */
let resting = false;
const waiting: (() => void)[] = [];

/**
 * Bun's part of `Runtime.turning`.
 *
 * Bun 1.4 calls the handler as soon as it has accepted a connection, and before it accepts the next one.
 * Where that takes its time, and new connections come as fast as they are answered, it does nothing
 * else any more: no timer, no message of the supervisor, no connection that is kept. So where the loop
 * has not turned for a while, handlers are called in its next turns, in the order in which their
 * requests came, and accepting comes to an end.
 *
 * Others do not wait: Bun answers requests that a client has sent at once, without waiting for the first
 * answer, only where each has its answer before the handler returns.
 */
export function turning<One, Other, Answer>(
  handler: (one: One, other: Other) => Answer,
  late?: Late<One, Other, Answer>,
): (one: One, other: Other) => Answer | Promise<Awaited<Answer>> {
  turned();
  return (one, other) => {
    if (waiting.length === 0) {
      if (performance.now() < until) return handler(one, other);
      if (resting) {
        turned();
        return handler(one, other);
      }
    }
    return later(
      () => handler(one, other),
      late && {
        after: late.after,
        refuse: () => late.refuse(one, other),
      },
    );
  };
}

/** Bun's part of `Runtime.turned`. */
export function turned(next: number = noteInterval): void {
  resting = next > noteInterval;
  // The first request after a rest comes in a turn of its own.
  until = resting ? 0 : performance.now() + longest;
}

function later<Answer>(
  call: () => Answer,
  late: { after: number; refuse(): Answer } | undefined,
): Promise<Awaited<Answer>> {
  const since = performance.now();
  return new Promise((resolve, reject) => {
    waiting.push(() => {
      try {
        const isLate = late !== undefined && performance.now() - since > late.after;
        resolve((isLate ? late.refuse() : call()) as Awaited<Answer>);
      } catch (error) {
        reject(error);
      }
    });
    if (waiting.length === 1) setImmediate(takeUp);
  });
}

function takeUp(): void {
  const began = performance.now();
  turned();
  // Each is among them while it is called: what it lets in must not overtake the others.
  do {
    waiting[0]?.();
    waiting.shift();
  } while (waiting.length > 0 && performance.now() - began < share);
  if (waiting.length > 0) setImmediate(takeUp);
}
