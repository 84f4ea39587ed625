/**
 * Tells what runs, since when, and for how long.
 *
 * @module
 */

/** How often what still runs is told, in milliseconds. */
const interval = 30_000;

/** What runs at the moment. */
export class Progress implements Disposable {
  readonly #since = new Map<string, number>();
  readonly #timer = setInterval(() => this.#tell(), interval);

  /** Says that something starts. */
  starts(name: string): void {
    this.#since.set(name, Date.now());
    console.log(`${name}: since ${new Date().toTimeString().slice(0, 8)}`);
  }

  /** Says what came of it. */
  ends(name: string, result: string): void {
    console.log(`${name}: ${result} (${this.#seconds(name).toFixed(1)} s)`);
    this.#since.delete(name);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tell(): void {
    const all = [...this.#since.keys()].map((name) =>
      `${name} for ${Math.round(this.#seconds(name))} s`
    );
    if (all.length > 0) console.log(`still running: ${all.join(", ")}`);
  }

  #seconds(name: string): number {
    return (Date.now() - (this.#since.get(name) ?? NaN)) / 1000;
  }
}
