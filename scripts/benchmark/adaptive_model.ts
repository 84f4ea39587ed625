/**
 * Limits of what is in flight that are found by watching latencies, on handlers that only await:
 * computed, and the same each time. The rules are the ideas of others in few lines, not their code.
 *
 * @module
 */
import { Random } from "../endurance/random.ts";

/** When a request that begins now is answered, in milliseconds. */
type Handler = (now: number, random: Random) => number;

/** What is offered to which handler. */
export interface Situation {
  title: string;
  /** Requests in a second. */
  rate: number;
  handler(): Handler;
  /** Requests that it can answer in a second, where there is a limit. */
  capacity?: number;
}

/** A limit that changes. */
export interface Limit {
  /** Requests that may be in flight. */
  value: number;
  /** A request has been answered: after so many milliseconds, with so many in flight. */
  answered(took: number, inFlight: number, now: number): void;
}

/** What became of it. */
export interface Adapted {
  /** The share of what was offered. */
  refused: number;
  /** The share of the capacity, where there is one. */
  inTime: number;
}

/** A pool of ten, each of which is busy for 50 ms with one request; who is not served waits in line. */
function pool(): Handler {
  const busy = new Array<number>(10).fill(0);
  return (now) => {
    const next = busy.indexOf(Math.min(...busy));
    return busy[next] = Math.max(now, busy[next]!) + 50;
  };
}

/** All of them; but for the overloaded pools there is nothing to refuse. */
export const situations: readonly Situation[] = [
  { title: "pool of ten, 2 × offered", rate: 400, handler: pool, capacity: 200 },
  { title: "pool of ten, 4 × offered", rate: 800, handler: pool, capacity: 200 },
  { title: "pool of ten, 0.8 × offered", rate: 160, handler: pool, capacity: 200 },
  { title: "always 50 ms", rate: 200, handler: () => (now) => now + 50 },
  {
    title: "20 ms, one in ten 1 s",
    rate: 200,
    handler: () => (now, random) => now + (random.chance(0.1) ? 1000 : 20),
  },
  {
    title: "5 to 800 ms, most of them short",
    rate: 200,
    handler: () => (now, random) => {
      const bell = random.next() + random.next() + random.next() - 1.5;
      return now + 5 * Math.exp(Math.abs(bell) * 3.4);
    },
  },
  {
    title: "a cache that is cold: 500 ms, after 10 s 20 ms",
    rate: 200,
    handler: () => (now) => now + (now < 10_000 ? 500 : 20),
  },
  {
    title: "a database that is slower for 30 s: 250 ms instead of 50",
    rate: 200,
    handler: () => (now) => now + (now > 30_000 && now < 60_000 ? 250 : 50),
  },
  { title: "two in a second, of 2 s", rate: 2, handler: () => (now) => now + 2000 },
];

const least = 4;
const first = 20;

/** The ratio of the long average to the latest latency. */
function gradient(): Limit {
  let [long, count] = [0, 0];
  const limit: Limit = {
    value: first,
    answered(took, inFlight) {
      count++;
      long += (took - long) / Math.min(count, 600);
      if (long > 2 * took) long *= 0.95;
      if (inFlight < limit.value / 2) return;
      const ratio = Math.max(0.5, Math.min(1, 1.5 * long / took));
      limit.value = Math.max(least, limit.value * 0.8 + (limit.value * ratio + 4) * 0.2);
    },
  };
  return limit;
}

/** How many must be waiting, if the least latency of the last 30 s is that without a queue. */
function vegas(): Limit {
  let [least30, current, since] = [Infinity, Infinity, 0];
  const limit: Limit = {
    value: first,
    answered(took, inFlight, now) {
      current = Math.min(current, took);
      if (now - since > 30_000) [least30, current, since] = [current, Infinity, now];
      least30 = Math.min(least30, took);
      if (inFlight < limit.value / 2) return;
      const waiting = limit.value * (1 - least30 / took);
      if (waiting < 3) limit.value += 4 / limit.value;
      else if (waiting > 6) limit.value = Math.max(least, limit.value - 4 / limit.value);
    },
  };
  return limit;
}

/** Measures the latency with nearly nothing in flight, each minute, and compares with it. */
function measured(): Limit {
  let [base, until, next, saved] = [0, 0, 0, first];
  let measuring = true;
  let took: number[] = [];
  const quantile = (q: number): number =>
    took.toSorted((a, b) => a - b)[Math.floor(took.length * q)] ?? base;
  const limit: Limit = {
    value: 3,
    answered(latest, _inFlight, now) {
      took.push(latest);
      if (measuring && took.length >= 50) {
        [base, took, measuring, next] = [quantile(0.5), [], false, now + 60_000];
        limit.value = saved;
      } else if (!measuring && now > until) {
        const ratio = Math.max(0.5, Math.min(2, 1.1 * base / quantile(0.9)));
        limit.value = Math.min(1000, limit.value * ratio + Math.sqrt(limit.value * ratio));
        limit.value = Math.max(3, limit.value);
        [took, until] = [[], now + 100];
        if (now > next) [measuring, saved, limit.value] = [true, limit.value, 3];
      }
    },
  };
  return limit;
}

/** The rules by whose idea they are. */
export const rules: Record<string, () => Limit> = {
  "none": () => ({ value: Infinity, answered() {} }),
  "Gradient": gradient,
  "Vegas": vegas,
  "measured, as Envoy does": measured,
};

/** Computes 90 seconds. Clients of a handler with a capacity leave after a second. */
export function adapt({ rate, handler, capacity }: Situation, rule: () => Limit): Adapted {
  const [random, answer, limit] = [new Random(1), handler(), rule()];
  let ends: { at: number; came: number }[] = [];
  let [offered, refused, inTime] = [0, 0, 0];
  const duration = 90_000;
  for (let now = 0; now < duration; now += -Math.log(1 - random.next()) * 1000 / rate) {
    const over = ends.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at);
    let inFlight = ends.length;
    for (const { at, came } of over) {
      limit.answered(at - came, inFlight--, at);
      if (at - came <= 1000) inTime++;
    }
    if (over.length > 0) ends = ends.filter(({ at }) => at > now);
    offered++;
    if (inFlight >= Math.floor(limit.value)) refused++;
    else ends.push({ at: answer(now, random), came: now });
  }
  return {
    refused: refused / offered,
    inTime: capacity === undefined ? NaN : inTime / (duration / 1000 * capacity),
  };
}
