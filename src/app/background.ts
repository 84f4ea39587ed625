import { describe } from "../errors.ts";
import type { ExecutionContext } from "../handler_types.ts";
import { logger } from "../log.ts";
import { runtime } from "../runtime/mod.ts";
import { Promise } from "../natives.ts";

const log = logger("handler");

/** Work of a handler that goes on when its requests are answered. */
export class BackgroundWork {
  readonly #pending = new Set<Promise<void>>();

  /** Given to the handler. Its methods need no `this`: they are often taken off it. */
  readonly context: ExecutionContext = {
    waitUntil: (promise) => this.#add(promise),
    passThroughOnException() {},
    props: {},
  };

  /** How much of it is not done. */
  get size(): number {
    return this.#pending.size;
  }

  /** Resolves when all of it is done, also what is added meanwhile. Never rejects. */
  async done(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #add(promise: unknown): void {
    const settled = Promise.resolve(promise).then(() => {}, (error: unknown) => {
      log.error("a promise given to waitUntil was rejected: {error}", {
        error: describe(error),
        stack: runtime.inspect(error),
      });
    }).finally(() => this.#pending.delete(settled));
    this.#pending.add(settled);
  }
}
