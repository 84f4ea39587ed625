/** For how long something that takes long may go on without that anything else has its turn, in milliseconds. */
const longestTurn = 3;

/** Lets others have their turn again and again, during what takes long. */
export class Turns {
  #began = performance.now();

  /** Resolves at once, or when the event loop has turned. */
  async pass(): Promise<void> {
    if (performance.now() - this.#began < longestTurn) return;
    // Not setImmediate: Deno looks at no connection in between.
    await new Promise((resolve) => setTimeout(resolve));
    this.#began = performance.now();
  }
}
