/** In how many maps the series are: one that grows is copied at once, which takes 8 ms with 100,000. */
const maps = 32;

/** The values of series, in the order in which they came. However many there are, none comes late. */
export class Samples implements Iterable<[series: string, value: number]> {
  readonly #series: string[] = [];
  readonly #values: number[] = [];
  /** Where each series is, in maps by its hash. */
  readonly #places: (Map<string, number> | undefined)[] = [];

  get size(): number {
    return this.#series.length;
  }

  get(series: string): number | undefined {
    const place = this.#places[hashOf(series)]?.get(series);
    return place === undefined ? undefined : this.#values[place];
  }

  /** Gives a series a value; where it has one, what `combine` makes of the two. */
  add(series: string, value: number, combine: (before: number, value: number) => number): void {
    const places = this.#places[hashOf(series)] ??= new Map();
    const place = places.get(series);
    if (place !== undefined) {
      this.#values[place] = combine(this.#values[place]!, value);
      return;
    }
    places.set(series, this.#series.length);
    this.#series.push(series);
    this.#values.push(value);
  }

  *[Symbol.iterator](): Generator<[series: string, value: number]> {
    for (let place = 0; place < this.#series.length; place++) {
      yield [this.#series[place]!, this.#values[place]!];
    }
  }
}

/** FNV-1a of 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % maps;
}
