import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Kill } from "./account.ts";
import type { Random } from "./random.ts";
import type { Absence, Receiver } from "./receiver.ts";
import type { Service } from "./service.ts";

/** What happens to a service in its life, each in its own rhythm, in milliseconds. */
const rhythms = { reload: 45_000, kill: 70_000, absence: 40_000 };

/** Lets things happen while there is load. */
export class Incidents {
  readonly kills: Kill[] = [];
  reloads = 0;
  absences = 0;
  /** The memory of all processes under load and of the supervisor, in bytes, every ten seconds. */
  readonly memory: { all: number; supervisor: number }[] = [];
  readonly #service: Service;
  readonly #receiver: Receiver;
  readonly #random: Random;
  readonly #calm: boolean;

  constructor(service: Service, receiver: Receiver, random: Random, calm: boolean) {
    this.#service = service;
    this.#receiver = receiver;
    this.#random = random;
    this.#calm = calm;
  }

  /** Returns after this many milliseconds, with the receiver there. */
  async happen(duration: number): Promise<void> {
    const end = performance.now() + duration;
    await Promise.all([
      this.#every(10_000, end, () => {
        const { memory, supervisorMemory } = this.#service.resources();
        this.memory.push({ all: memory, supervisor: supervisorMemory });
      }),
      this.#calm ? undefined : this.#every(rhythms.reload, end, () => {
        this.reloads++;
        this.#service.signal("SIGHUP");
      }),
      this.#calm ? undefined : this.#every(rhythms.kill, end, () => this.#kill()),
      this.#every(rhythms.absence, end, () => this.#absence(end)),
    ]);
    await this.#receiver.come();
  }

  /** First after half an interval; the last one so early that it is over before the end. */
  async #every(interval: number, end: number, happen: () => unknown): Promise<void> {
    let due = performance.now() + interval / 2;
    for (; due < end - 2000; due += interval * (0.8 + 0.4 * this.#random.next())) {
      await sleep(Math.max(0, due - performance.now()));
      await happen();
    }
    await sleep(Math.max(0, end - performance.now()));
  }

  async #kill(): Promise<void> {
    const { workers } = this.#service;
    const victim = workers[this.#random.whole(0, workers.length - 1)];
    if (victim === undefined) return;
    const sent = Date.now();
    process.kill(victim, "SIGKILL");
    while (this.#service.workers.includes(victim)) await sleep(5);
    this.kills.push({ sent, gone: Date.now() });
  }

  async #absence(end: number): Promise<void> {
    const how = this.#random.weighted<Absence>([["gone", 1], ["busy", 1], ["silent", 1]]);
    this.absences++;
    await this.#receiver.leave(how);
    await sleep(Math.min(this.#random.whole(2000, 12_000), Math.max(0, end - performance.now())));
    await this.#receiver.come();
  }
}
