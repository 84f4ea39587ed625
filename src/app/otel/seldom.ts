import { performance } from "../../natives.ts";

/** So many messages are told apart. */
const most = 100;

/** Lets a message pass once in a while, whatever numbers it has. */
export class Seldom {
  readonly #pause: number;
  readonly #now: () => number;
  readonly #said = new Map<string, number>();

  /** @param pause for how long none like it passes, in milliseconds */
  constructor(pause: number, now: () => number = () => performance.now()) {
    this.#pause = pause;
    this.#now = now;
  }

  allows(message: string): boolean {
    const kind = message.replace(/\d+/g, "0");
    const now = this.#now();
    if (now < (this.#said.get(kind) ?? -Infinity) + this.#pause) return false;
    if (this.#said.size >= most) this.#said.clear();
    this.#said.set(kind, now);
    return true;
  }
}
