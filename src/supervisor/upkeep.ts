import type { RequestSnapshot } from "../metrics/snapshot.ts";
import type { ServiceOptions } from "../options/service_options.ts";
import type { MessagePump } from "./amqp/message_pump.ts";
import type { MemoryCgroup } from "./memory/cgroup.ts";
import { MemoryWatch } from "./memory/watch.ts";
import { Refusals } from "./refusals.ts";
import { Looks } from "./workers/looks.ts";
import type { WorkerPool } from "./workers/pool.ts";
import { Renewal } from "./workers/renewal.ts";
import { Standstills } from "./workers/standstills.ts";

/** What lies around a service. */
export interface Surroundings {
  /** The cgroup whose limit is kept, where the workers are processes of their own. */
  cgroup?: MemoryCgroup;
  /** What takes messages from a broker, if one is to. */
  pump?: MessagePump;
}

/**
 * What is looked at while a service serves: workers that are to be replaced unasked, the memory, and
 * trouble that replaces nobody and of which only the log tells.
 */
export class Upkeep {
  readonly #pool: WorkerPool;
  readonly #options: ServiceOptions;
  readonly #shed: () => RequestSnapshot["shed"];
  readonly #memory: MemoryWatch | undefined;
  readonly #looks = new Looks();
  #endRenewal: () => void = () => {};
  /** Each ends that the log is told of one kind of trouble. */
  #tellers: (() => void)[] = [];

  /** @param shed what has been refused so far */
  constructor(
    pool: WorkerPool,
    options: ServiceOptions,
    { cgroup, pump }: Surroundings,
    shed: () => RequestSnapshot["shed"],
  ) {
    this.#pool = pool;
    this.#options = options;
    this.#shed = shed;
    this.#memory = cgroup && new MemoryWatch(pool, cgroup, options, pump);
  }

  /** The service serves: begins to look. */
  begin(): void {
    const { debugger: stopsAtBreakpoints, maxInflight, maxWait } = this.#options;
    const renewal = new Renewal(
      this.#pool,
      this.#options,
      (worker) => this.#memory?.outgrown(worker),
    );
    this.#endRenewal = this.#looks.add(() => renewal.look());
    if (!stopsAtBreakpoints) {
      const standstills = new Standstills(() => this.#pool.serving);
      this.#tellers.push(this.#looks.add(() => standstills.look()));
    }
    if (maxInflight !== undefined || maxWait !== undefined) {
      const refusals = new Refusals(this.#shed, this.#options);
      this.#tellers.push(() => refusals.close());
    }
    this.#memory?.serving();
  }

  /** Something was heard of a worker, or is overdue. */
  pulse(): void {
    this.#looks.pulse();
  }

  /** From now on no worker is replaced unasked. */
  renewNoMore(): void {
    this.#endRenewal();
  }

  /** From now on the log is told nothing. */
  tellNoMore(): void {
    for (const tellNoMore of this.#tellers) tellNoMore();
    this.#tellers = [];
  }

  /** Ends it. */
  close(): void {
    this.renewNoMore();
    this.tellNoMore();
    this.#memory?.close();
  }
}
