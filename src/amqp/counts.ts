import { durationBounds } from "../metrics/layout.ts";
import type { Outcome } from "./outcome.ts";

/** What became of messages: `returned` ones went back to their queue as they were. */
export type Fate = Outcome | "returned";

/** All of them, in the order in which they are shown. */
export const fates: readonly Fate[] = ["acknowledged", "retried", "rejected", "returned"];

/** What is counted of a queue. */
export interface QueueCounts {
  queue: string;
  /** Messages that the broker has delivered. */
  consumed: number;
  /** Answers and retries that were published, and that the broker has confirmed. */
  sent: number;
  fates: Record<Fate, number>;
  /** In the handler now. */
  inFlight: number;
  /** How long the handler took, in seconds: not cumulated, by the bounds of requests. */
  durations: { buckets: number[]; sum: number };
  /** What waits at the broker and is given to nobody; left out until the broker has told. */
  waiting?: number;
}

/** Nothing counted yet. */
export function emptyCounts(queue: string): QueueCounts {
  return {
    queue,
    consumed: 0,
    sent: 0,
    fates: { acknowledged: 0, retried: 0, rejected: 0, returned: 0 },
    inFlight: 0,
    durations: { buckets: Array.from({ length: durationBounds.length + 1 }, () => 0), sum: 0 },
  };
}

/** Counts how long the handler took, in seconds. */
export function countDuration({ durations }: QueueCounts, seconds: number): void {
  const found = durationBounds.findIndex((bound) => seconds <= bound);
  const index = found < 0 ? durationBounds.length : found;
  durations.buckets[index] = (durations.buckets[index] ?? 0) + 1;
  durations.sum += seconds;
}

/** The counters of one that is gone and of one that has followed it; what is now is that of the latter. */
export function addCounts(gone: QueueCounts, now: QueueCounts): QueueCounts {
  return {
    ...now,
    consumed: gone.consumed + now.consumed,
    sent: gone.sent + now.sent,
    fates: {
      acknowledged: gone.fates.acknowledged + now.fates.acknowledged,
      retried: gone.fates.retried + now.fates.retried,
      rejected: gone.fates.rejected + now.fates.rejected,
      returned: gone.fates.returned + now.fates.returned,
    },
    durations: {
      buckets: now.durations.buckets.map((count, index) =>
        count + (gone.durations.buckets[index] ?? 0)
      ),
      sum: gone.durations.sum + now.durations.sum,
    },
  };
}
