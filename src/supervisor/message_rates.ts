/**
 * How fast messages are answered.
 *
 * @module
 */
import type { QueueCounts } from "../amqp/counts.ts";
import type { ShownQueue } from "../status/model.ts";

/** Over how much time a rate is taken, in milliseconds. */
const span = 10_000;

/** Remembers the last seconds of what has been counted. */
export class MessageRates {
  readonly #seen: { at: number; counts: readonly QueueCounts[] }[] = [];

  /**
   * Takes note of what has been counted.
   *
   * @param at when, by `performance.now()`
   */
  add(at: number, counts: readonly QueueCounts[]): void {
    this.#seen.push({ at, counts });
    while (this.#seen.length > 2 && at - this.#seen[0]!.at > span) this.#seen.shift();
  }

  /** What was counted last, and how fast that grew. */
  get queues(): ShownQueue[] {
    const first = this.#seen[0];
    const last = this.#seen.at(-1);
    if (first === undefined || last === undefined) return [];
    const seconds = (last.at - first.at) / 1000;
    return last.counts.map((counts, index) => {
      const before = first.counts[index];
      const { queue, waiting, inFlight, fates } = counts;
      return {
        name: queue,
        waiting,
        inFlight,
        rate: before === undefined || seconds === 0
          ? undefined
          : (answered(counts) - answered(before)) / seconds,
        ...fates,
      };
    });
  }
}

function answered({ fates: { acknowledged, retried, rejected, returned } }: QueueCounts): number {
  return acknowledged + retried + rejected + returned;
}
