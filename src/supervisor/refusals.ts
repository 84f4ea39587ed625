import { counted } from "../counted.ts";
import { elapsed } from "../elapsed.ts";
import { logger } from "../log.ts";
import type { RequestSnapshot, ShedReason } from "../metrics/snapshot.ts";
import type { ServiceOptions } from "../options/service_options.ts";
import { oftenTold, refusalsLooked } from "../timeline.ts";

const log = logger("supervisor");

/** Requests of one kind that are being refused. */
interface Spell {
  /** When the first one was seen, and the last one. */
  began: number;
  last: number;
  /** How many there have been, and how many when the log told last. */
  count: number;
  told: number;
  toldAt: number;
}

/**
 * Tells the log that requests are refused, by `--max-inflight` or `--max-wait`: when that begins, once a
 * minute while it goes on, and when there was none for a minute.
 */
export class Refusals {
  readonly #counts: () => RequestSnapshot["shed"];
  readonly #why: Record<ShedReason, string>;
  readonly #now: () => number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #before: RequestSnapshot["shed"];
  readonly #spells = new Map<ShedReason, Spell>();

  /**
   * @param counts how many have been refused so far
   * @param now a clock in milliseconds, whatever it counts from
   */
  constructor(
    counts: () => RequestSnapshot["shed"],
    { maxInflight, maxWait }: Pick<ServiceOptions, "maxInflight" | "maxWait">,
    now: () => number = () => performance.now(),
  ) {
    this.#counts = counts;
    this.#why = {
      inflight: `${
        counted(maxInflight ?? 0, "is", "are")
      } in the handler, the most that --max-inflight lets in`,
      wait: `the event loop is so busy that they have waited for longer than ${
        elapsed(maxWait ?? 0)
      } (--max-wait)`,
    };
    this.#now = now;
    this.#before = { ...counts() };
    this.#timer = setInterval(() => this.look(), refusalsLooked);
  }

  /** Tells nothing from now on. */
  close(): void {
    clearInterval(this.#timer);
  }

  /** Looks at how many there are now. */
  look(): void {
    const counts = this.#counts();
    for (const reason of Object.keys(this.#why) as ShedReason[]) {
      const more = counts[reason] - this.#before[reason];
      this.#before[reason] = counts[reason];
      this.#spell(reason, more);
    }
  }

  #spell(reason: ShedReason, more: number): void {
    const now = this.#now();
    const spell = this.#spells.get(reason);
    if (spell === undefined) {
      if (more === 0) return;
      this.#spells.set(reason, { began: now, last: now, count: more, told: more, toldAt: now });
      log.warn("requests are refused with 503: {why}", { why: this.#why[reason], reason });
      return;
    }
    spell.count += more;
    if (more > 0) spell.last = now;
    if (now - spell.last >= oftenTold) {
      this.#spells.delete(reason);
      const { count, began, last } = spell;
      const time = elapsed(last - began);
      log.info("no request is refused any more, after {count} in {time}", {
        count,
        time,
        reason,
      });
    } else if (now - spell.toldAt >= oftenTold && spell.count > spell.told) {
      const count = spell.count - spell.told;
      const time = elapsed(now - spell.toldAt);
      log.warn("requests are still refused with 503, {count} in the last {time}: {why}", {
        count,
        time,
        why: this.#why[reason],
        reason,
      });
      spell.told = spell.count;
      spell.toldAt = now;
    }
  }
}
