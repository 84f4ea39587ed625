/** For how long something that takes long may go on without that anything else has its turn, in milliseconds. */
const longestTurn = 3;

/** Where nothing was done for so long, in milliseconds, the event loop has rested. */
const surelyRested = 10;

/** Those that wait for their turn. */
const waiting: (() => void)[] = [];
let waits = false;

/**
 * Calls back when the event loop has rested: one after the other, whoever waits.
 *
 * A timer of one's own is not enough: of several that take turns, the timer of one has passed when the turn
 * of another ends. So the event loop hardly rests, and with the metrics of two workers probes on Deno waited
 * for 200 ms. (Nor is `setImmediate`: Deno looks at no connection in between.)
 */
export function nextTurn(begin: () => void): void {
  waiting.push(begin);
  if (!waits) rest();
}

function rest(): void {
  waits = true;
  // The timer begins when the turn that has just begun has ended: otherwise it would have passed by then.
  setImmediate(() => setTimeout(beginNext));
}

function beginNext(): void {
  waits = false;
  workedFor = 0;
  waiting.shift()?.();
  if (!waits && waiting.length > 0) rest();
}

/** What was done piece by piece since the event loop rested, in milliseconds. */
let workedFor = 0;
let lastEnd = -Infinity;

/**
 * Notes that something was done from `began` to `ended`. Is that, with what was done before it by whomever,
 * more than may be without a rest?
 */
export function hasWorked(began: number, ended: number): boolean {
  if (began - lastEnd > surelyRested) workedFor = 0;
  lastEnd = ended;
  workedFor += ended - began;
  return workedFor >= longestTurn;
}

/** Lets others have their turn again and again, during what takes long. */
export class Turns {
  #began = performance.now();

  /** Resolves at once, or when the event loop has turned. */
  async pass(): Promise<void> {
    if (performance.now() - this.#began < longestTurn) return;
    await new Promise<void>(nextTurn);
    this.#began = performance.now();
  }
}
