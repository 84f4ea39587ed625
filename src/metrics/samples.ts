/** In how many maps the series are: one that grows is copied at once, which takes 8 ms with 100,000. */
const maps = 32;

/**
 * The values of series, in the order in which they came. However many there are, none comes late.
 *
 * Where the same ones came before in the same order, which is what processes do from scrape to scrape and
 * one like the other, to find a series is to compare it with the one that is due.
 */
export class Samples implements Iterable<[series: string, value: number]> {
  /** Of what came before, the series: as long as they are the same, they are not noted again. */
  #before: SeriesIndex | undefined;
  /** How many came as before. */
  #same = 0;
  /** Those that came after them. */
  #others: SeriesIndex | undefined;
  readonly #values: number[] = [];
  /** The place after the one that was asked for last. */
  #due = 0;

  /** @param before those that probably have the same series in the same order */
  constructor(before?: Samples) {
    this.#before = before === undefined ? undefined : before.#index;
  }

  get size(): number {
    return this.#values.length;
  }

  get(series: string): number | undefined {
    const place = this.#placeOf(series);
    return place === undefined ? undefined : this.#values[place];
  }

  /** Gives a series a value; where it has one, what `combine` makes of the two. */
  add(series: string, value: number, combine: (before: number, value: number) => number): void {
    if (this.#others === undefined && this.#before?.series[this.#same] === series) {
      this.#same++;
      this.#values.push(value);
      return;
    }
    const place = this.#placeOf(series);
    if (place !== undefined) {
      this.#values[place] = combine(this.#values[place]!, value);
      return;
    }
    if (this.#others === undefined) {
      this.#others = new SeriesIndex();
      // None of them is needed any more, and they may be many.
      if (this.#same === 0) this.#before = undefined;
    }
    this.#others.add(series);
    this.#values.push(value);
  }

  *[Symbol.iterator](): Generator<[series: string, value: number]> {
    for (let place = 0; place < this.#values.length; place++) {
      yield [this.#seriesAt(place)!, this.#values[place]!];
    }
  }

  /**
   * All series, where they are in one index: to look in ever more of them would take ever longer. Not where
   * most of that index is gone, or it would be kept for as long as the few that are left come again.
   */
  get #index(): SeriesIndex | undefined {
    if (this.#same === 0) return this.#others;
    const isMost = this.#same * 2 >= (this.#before?.series.length ?? 0);
    return this.#others === undefined && isMost ? this.#before : undefined;
  }

  #seriesAt(place: number): string | undefined {
    return place < this.#same
      ? this.#before?.series[place]
      : this.#others?.series[place - this.#same];
  }

  #placeOf(series: string): number | undefined {
    const place = this.#seriesAt(this.#due) === series ? this.#due : this.#soughtPlaceOf(series);
    if (place !== undefined) this.#due = place + 1;
    return place;
  }

  #soughtPlaceOf(series: string): number | undefined {
    const same = this.#before?.placeOf(series);
    if (same !== undefined && same < this.#same) return same;
    const other = this.#others?.placeOf(series);
    return other === undefined ? undefined : this.#same + other;
  }
}

/** Series, and where each is among them. */
class SeriesIndex {
  readonly series: string[] = [];
  /** In maps by their hash. */
  readonly #places: (Map<string, number> | undefined)[] = [];

  /** Adds one that is not there. */
  add(series: string): void {
    const places = this.#places[hashOf(series)] ??= new Map();
    places.set(series, this.series.length);
    this.series.push(series);
  }

  placeOf(series: string): number | undefined {
    return this.#places[hashOf(series)]?.get(series);
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
