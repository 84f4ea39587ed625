/**
 * Several pods behind a Service whose endpoints follow readiness, and more load than they can bear:
 * computed, with Hurricane's own rule of `--max-wait`, and the same each time.
 *
 * @module
 */
import { LoopWait } from "../../src/app/loop_wait.ts";
import { Random } from "../endurance/random.ts";

/** How the pods protect themselves. */
export interface Protection {
  /** `--req-queue-len`, of all that waits; `Infinity`: readiness does not look at that. */
  queueLimit: number;
  /** `--max-wait`, in milliseconds; left out: nothing is refused. */
  maxWait?: number;
  /** How often in a row a probe must say no before the pod is taken out (`failureThreshold`). */
  failures: number;
}

/** What is offered. */
export interface Crowd {
  pods: number;
  /** In multiples of what all pods together can do. */
  times: number;
  seconds: number;
  seed: number;
}

/** What became of it. */
export interface CrowdOutcome {
  /** Shares of what all pods together could have answered. */
  inTime: number;
  /** Shares of what was offered. */
  refused: number;
  late: number;
  /** There was no pod in the Service. */
  nobody: number;
  /** The share of the time in which there was none. */
  empty: number;
  /** How often a pod was taken out. */
  takenOut: number;
}

/** What one request takes of a pod's processor, and what to refuse one does, in milliseconds. */
const [work, refusal] = [5, 0.1] as const;

/** After this, a client has left, in milliseconds. */
const patience = 1000;

/** How often readiness is asked, in milliseconds, and how long until a balancer acts upon it, at most. */
const [period, lag] = [1000, 2000] as const;

/** A pod: what comes during a turn of its event loop is handled in the next, one after the other. */
class Pod {
  /** Its clock, in milliseconds: it is busy until then. */
  now = 0;
  ready = true;
  /** What the balancer will see, and when. */
  readonly seen: { at: number; ready: boolean }[] = [];
  failures = 0;
  readonly #protection: Protection;
  readonly #wait: LoopWait | undefined;
  #turnEnds: (() => void)[] = [];
  #timers: { due: number; call: () => void }[] = [];
  #batch: number[] = [];
  #next: number[] = [];

  constructor(protection: Protection) {
    this.#protection = protection;
    const { maxWait } = protection;
    if (maxWait === undefined) return;
    this.#wait = new LoopWait(maxWait, () => this.now, {
      setImmediate: (call) => this.#turnEnds.push(call),
      setTimeout: (call, milliseconds) => {
        this.#timers.push({ due: this.now + milliseconds, call });
        return { unref() {} };
      },
    });
  }

  get length(): number {
    return this.#batch.length + this.#next.length;
  }

  come(at: number): void {
    this.#next.push(at);
  }

  /** Works until then. Tells how each request ended. */
  until(time: number, ended: (how: "inTime" | "refused" | "late") => void): void {
    while (this.now <= time && this.length > 0) {
      if (this.#batch.length === 0) this.#turn();
      const came = this.#batch.shift()!;
      const isRefused = this.#wait?.exceeded(0) ?? false;
      this.now += isRefused ? refusal : work;
      const isLate = this.now - came > patience;
      ended(isLate ? "late" : isRefused ? "refused" : "inTime");
    }
    if (this.now < time && this.length === 0) {
      this.#turn();
      this.now = time;
    }
  }

  #turn(): void {
    for (const call of this.#turnEnds.splice(0)) call();
    const due = this.#timers.filter((timer) => timer.due <= this.now);
    this.#timers = this.#timers.filter((timer) => timer.due > this.now);
    for (const { call } of due) call();
    this.#batch = this.#next;
    this.#next = [];
  }

  /** A probe asks. */
  probe(now: number, random: Random): void {
    const { queueLimit, failures } = this.#protection;
    this.failures = this.length > queueLimit ? this.failures + 1 : 0;
    const ready = this.failures < failures;
    const last = this.seen.at(-1)?.ready ?? this.ready;
    if (ready !== last) this.seen.push({ at: now + random.next() * lag, ready });
  }
}

/** Computes it. */
export function crowd(
  { pods: count, times, seconds, seed }: Crowd,
  protection: Protection,
): CrowdOutcome {
  const random = new Random(seed);
  const pods = Array.from({ length: count }, () => new Pod(protection));
  const ends = { inTime: 0, refused: 0, late: 0 };
  let [offered, nobody, empty, takenOut] = [0, 0, 0, 0];
  const rate = count * times / work;
  const phases = pods.map(() => random.whole(0, period - 1));
  let due = 0;
  for (let now = 0; now < seconds * 1000; now++) {
    for (const [index, pod] of pods.entries()) {
      if (now % period === phases[index]) pod.probe(now, random);
      while (pod.seen.length > 0 && pod.seen[0]!.at <= now) {
        pod.ready = pod.seen.shift()!.ready;
        if (!pod.ready) takenOut++;
      }
    }
    const ready = pods.filter((pod) => pod.ready);
    if (ready.length === 0) empty++;
    while (due <= now) {
      offered++;
      if (ready.length === 0) nobody++;
      else ready[random.whole(0, ready.length - 1)]!.come(due);
      due += -Math.log(1 - random.next()) / rate;
    }
    for (const pod of pods) pod.until(now, (how) => ends[how]++);
  }
  return {
    inTime: ends.inTime * work / (count * seconds * 1000),
    refused: ends.refused / offered,
    late: ends.late / offered,
    nobody: nobody / offered,
    empty: empty / (seconds * 1000),
    takenOut,
  };
}
