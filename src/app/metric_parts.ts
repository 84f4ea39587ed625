import type { MetricPart } from "../metrics/part.ts";

/** How many samples are told at once, and how long that may be, in characters. */
const [samplesAtOnce, longestPart] = [500, 128 * 1024];

/** About how much a sample is beside the values of its labels. */
const sampleLength = 16;

export type Labels = Readonly<Record<string, unknown>>;

/** What `prom-client` gives of a metric, but for its samples. */
type Head = Partial<Pick<MetricPart, "name" | "help" | "type" | "aggregator">>;

/**
 * What `prom-client` gives of a metric, some samples at once: in at least one part, so that it is known to be
 * there. Numbers that are none (`NaN`, `Infinity`) say nothing, and are left out.
 *
 * @param defaults the labels that the registry gives to all
 */
export function* partsOf(
  head: object,
  samples: readonly unknown[],
  defaults: Labels,
): Generator<MetricPart> {
  const defaultNames = Object.keys(defaults);
  let part = new Part(head);
  let given = false;
  for (const sample of samples) {
    const { value, metricName, labels: own } = Object(sample) as Sample;
    if (typeof value === "bigint") throw new TypeError(`a sample's value is the bigint ${value}n`);
    if (typeof value !== "number" || !Number.isFinite(value)) continue;
    const labels = defaultNames.length === 0 ? own ?? {} : withDefaults(own, defaults);
    if (part.add(value, metricName, labels)) continue;
    yield part.told;
    given = true;
    part = new Part(head);
    part.add(value, metricName, labels);
  }
  if (!given || part.count > 0) yield part.told;
}

interface Sample {
  value?: unknown;
  metricName?: string;
  labels?: Labels;
}

/** As `prom-client` adds them. */
function withDefaults(labels: Labels | undefined, defaults: Labels): Labels {
  const missing = Object.entries(defaults).map(([name, value]) => [name, labels?.[name] || value]);
  return { ...labels, ...Object.fromEntries(missing) };
}

class Part {
  readonly #head: Head;
  readonly #shapes: string[][] = [];
  /** By the names of their labels as they come. */
  readonly #known = new Map<string, { place: number; labels: string[] }>();
  readonly #rows: (number | string)[] = [];
  #length: number;
  count = 0;

  constructor({ name, help, type, aggregator }: Head) {
    this.#head = { name, help, type, aggregator } as Head;
    this.#length = `${name}${help}`.length;
    if (this.#length > longestPart) throw tooLong(this.#length + sampleLength);
  }

  /** Adds a sample; `false` where there is no place for it. */
  add(value: number, metricName: string | undefined, labels: Labels): boolean {
    if (this.count === samplesAtOnce) return false;
    const name = metricName ?? this.#head.name ?? "";
    const shape = this.#shapeOf(name, labels);
    const before = this.#rows.length;
    this.#rows.push(shape.place, value);
    let length = sampleLength;
    for (const label of shape.labels) {
      const text = labels[label];
      const written = typeof text === "string" ? text : String(text);
      length += written.length;
      this.#rows.push(written);
    }
    if (this.#length + length > longestPart) {
      if (this.count === 0) throw tooLong(this.#length + length);
      this.#rows.length = before;
      return false;
    }
    this.#length += length;
    this.count++;
    return true;
  }

  #shapeOf(name: string, labels: Labels): { place: number; labels: string[] } {
    let key = name;
    for (const label in labels) if (labels[label] !== undefined) key += `,${label}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const names = Object.keys(labels).filter((label) => labels[label] !== undefined).sort();
    const shape = { place: this.#shapes.length, labels: names };
    this.#shapes.push([name, ...names]);
    this.#known.set(key, shape);
    for (const label of names) this.#length += label.length;
    return shape;
  }

  get told(): MetricPart {
    return { ...this.#head, shapes: this.#shapes, rows: this.#rows } as MetricPart;
  }
}

function tooLong(length: number): Error {
  return new Error(`one of its samples has ${length} characters`);
}
