import { Member } from "./member.ts";
import type { PoolFront } from "./pool_front.ts";
import type { PortGroup } from "./port_group.ts";
import { WorkerError } from "./worker.ts";

/** How workers listen. */
export interface Listening {
  /** Where each listens; 0 picks a free port, which the others then share where they share one. */
  port: number;
  /** Do all listen on one port? If not, `port` is 0 where there are several. */
  reusePort: boolean;
}

/** Brings workers up: they load all at once, and begin to listen one after the other. */
export class Starter {
  readonly #front: PoolFront;
  readonly #group: PortGroup;
  readonly #listening: Listening;
  readonly #now: () => number;
  #port: number;
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * @param group the sockets that share the port
   * @param now a clock in milliseconds
   */
  constructor(front: PoolFront, group: PortGroup, listening: Listening, now: () => number) {
    this.#front = front;
    this.#group = group;
    this.#listening = listening;
    this.#port = listening.port;
    this.#now = now;
  }

  /** The port of the worker that listened last; before the first one, as it was asked for. */
  get port(): number {
    return this.#port;
  }

  /** Makes a worker, which begins to load its handler. */
  launch(): Member {
    return new Member(this.#front.launch(), this.#now);
  }

  /**
   * Waits until it has loaded, and lets it listen when it is its turn. Rejects where it fails; then it is
   * killed.
   *
   * @param signal kills it, up to the moment at which it listens
   * @param serves called when it may be given requests: the front has been told that it listens
   */
  async bringUp(member: Member, signal: AbortSignal, serves: () => void): Promise<void> {
    const abandon = (): void => {
      if (member.is("loading", "listening")) member.kill();
    };
    signal.addEventListener("abort", abandon, { once: true });
    try {
      await member.worker.loaded;
      member.take({ type: "loaded" });
      // One after the other: the first one picks the port, and the kernel keeps them in this order.
      const turn = this.#turn.then(() => this.#listen(member, signal, serves));
      this.#turn = turn.catch(() => {});
      await turn;
    } catch (error) {
      member.kill();
      throw error;
    } finally {
      // The signals behind it live as long as the service, and would keep the worker for as long.
      signal.removeEventListener("abort", abandon);
    }
  }

  async #listen(member: Member, signal: AbortSignal, serves: () => void): Promise<void> {
    const { worker } = member;
    const { reusePort, port } = this.#listening;
    await worker.listen(reusePort ? this.#port : port);
    if (!member.take({ type: "opened" })) {
      // Until its socket is closed, the next one would not know its own place in the kernel's order.
      await worker.exit;
      signal.throwIfAborted();
      throw new WorkerError("its process ended as soon as it listened");
    }
    this.#port = worker.address.port;
    if (reusePort) this.#group.add(worker);
    await this.#front.opened(worker);
    serves();
  }
}
