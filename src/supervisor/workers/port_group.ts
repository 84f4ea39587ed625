import { logger } from "../../log.ts";
import type { Worker } from "./worker.ts";

const log = logger("supervisor");

/**
 * How long ago a process may have died of whose death the supervisor learns now, in milliseconds. What
 * came first is in doubt where the group has changed since then.
 */
const doubt = 1000;

/**
 * The sockets that share the port, in the order in which the kernel keeps them.
 *
 * The kernel adds a new one at the end, and puts the last one in the place of one that is closed
 * (`reuseport_detach_sock` in net/core/sock_reuseport.c). To keep new connections away from a worker
 * that retires, the places of the others must be known.
 */
export class PortGroup {
  readonly #now: () => number;
  #members: object[] = [];
  readonly #closing = new Map<object, number>();
  #changed = -Infinity;
  #known = true;
  #steered = false;
  #turn: Promise<void> = Promise.resolve();
  #announced = false;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A socket has begun to listen. */
  add(member: object): void {
    if (this.#members.includes(member)) return;
    this.#members.push(member);
    this.#changed = this.#now();
  }

  /**
   * Has a socket closed. At which moment until `close` resolves that happens is not told, so that the
   * others' places are in doubt where the group changes meanwhile.
   */
  async close<Result>(member: object, close: () => Promise<Result>): Promise<Result> {
    if (!this.#closing.has(member)) this.#closing.set(member, this.#now());
    try {
      return await close();
    } finally {
      this.remove(member);
    }
  }

  /** A socket is gone: it was {@linkcode close}d, or its process has died. */
  remove(member: object): void {
    const earliest = this.#closing.get(member) ?? this.#now() - doubt;
    this.#closing.delete(member);
    const place = this.#members.indexOf(member);
    if (place < 0) return;
    const last = this.#members.pop() as object;
    if (last !== member) this.#members[place] = last;
    if (this.#changed > earliest) this.#known = false;
    this.#changed = this.#now();
    // Of one alone the place is certain again.
    if (this.#members.length <= 1) this.#known = true;
  }

  /** Where the kernel keeps them; `undefined` where that is in doubt, or where one is unknown. */
  places(members: readonly object[]): number[] | undefined {
    const places = members.map((member) => this.#members.indexOf(member));
    return this.#known && !places.includes(-1) ? places : undefined;
  }

  /**
   * Has new connections go to `serving` alone, for as long as there are others.
   *
   * Where that cannot be, connections that a retiring worker has been given and has not accepted at
   * the moment at which it closes its socket are reset.
   */
  steer(serving: () => readonly Worker[]): Promise<void> {
    // One after the other, each with the workers of its turn: a program must not overtake another.
    this.#turn = this.#turn.then(() => this.#steer(serving()));
    return this.#turn;
  }

  async #steer(serving: readonly Worker[]): Promise<void> {
    if (serving.length === 0) return;
    const others = this.#members.length > serving.length;
    if (!others && !this.#steered) return;
    const places = others ? this.places(serving) : undefined;
    if (places === undefined) {
      // A program that is out of date is worse than none.
      if (this.#steered && await steered(serving, null)) this.#steered = false;
      if (others) this.#announce();
      return;
    }
    // Also where no answer comes: it may be attached all the same.
    this.#steered = true;
    if (!await steered(serving, places)) this.#announce();
  }

  #announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    log.info("a worker that is replaced may lose connections that it has not accepted");
  }
}

/** Any of them can do it, but one whose event loop stands still does not. */
async function steered(
  serving: readonly Worker[],
  places: readonly number[] | null,
): Promise<boolean> {
  for (const worker of serving.toSorted((a, b) => a.silence - b.silence)) {
    if (await worker.steer(worker.address.port, places)) return true;
  }
  return false;
}
