/**
 * The counters of a process that runs the handler, as it tells them to the supervisor.
 *
 * What a snapshot holds is declared once, by the two tables at the end: its type, the schema by
 * which the supervisor reads it, the values of a process that has done nothing, and how the
 * snapshots of several processes are summed follow from them.
 *
 * @module
 */
import * as z from "zod/mini";
import { LateSchema, type Output } from "../late_schema.ts";
import {
  bodySizeBounds,
  durationBounds,
  highestStatus,
  lowestStatus,
  requestMethods,
} from "./layout.ts";

/** All that is to be known of one part of a snapshot. */
interface Part<Value> {
  /** Reads it. Refuses what would spoil a sum for ever: numbers that are negative or not finite. */
  readonly schema: LateSchema<Value>;
  /** That of a process that has done nothing: where a sum begins. */
  empty(): Value;
  /** That of two processes together. Both stay as they are. */
  add(a: Value, b: Value): Value;
}

const wholeNumber = () => z.int().check(z.nonnegative());

/** A number of things. */
const count: Part<number> = {
  schema: new LateSchema(wholeNumber),
  empty: () => 0,
  add: (a, b) => a + b,
};

/** A number of which the greatest of all processes counts. */
const greatest: Part<number> = {
  schema: new LateSchema(() => z.number().check(z.nonnegative())),
  empty: () => 0,
  add: (a, b) => Math.max(a, b),
};

/**
 * What fell into each bucket alone, not cumulated, and the sum of all values; the last bucket is
 * what lies above all bounds.
 */
interface Histogram {
  buckets: number[];
  sum: number;
}

const histogramShape = (bounds: readonly number[]) => ({
  buckets: z.array(wholeNumber()).check(z.length(bounds.length + 1)),
  sum: z.number().check(z.nonnegative()),
});

function addHistograms(a: Histogram | undefined, b: Histogram): Histogram {
  if (a === undefined) return { buckets: [...b.buckets], sum: b.sum };
  return {
    buckets: a.buckets.map((number, index) => number + b.buckets[index]!),
    sum: a.sum + b.sum,
  };
}

const histogram = (bounds: readonly number[]): Part<Histogram> => ({
  schema: new LateSchema(() => z.object(histogramShape(bounds))),
  empty: () => ({ buckets: new Array<number>(bounds.length + 1).fill(0), sum: 0 }),
  add: addHistograms,
});

/** The histogram of the requests with one method and one status. */
interface RequestRow extends Histogram {
  method: typeof requestMethods[number];
  status: number;
}

/** A histogram for each method and status that was seen. */
const byRequest = (bounds: readonly number[]): Part<RequestRow[]> => ({
  schema: new LateSchema(() =>
    z.array(z.object({
      method: z.enum(requestMethods),
      status: z.int().check(z.gte(lowestStatus), z.lte(highestStatus)),
      ...histogramShape(bounds),
    }))
  ),
  empty: () => [],
  add(a, b) {
    const rows = new Map<string, RequestRow>();
    for (const row of [...a, ...b]) {
      const { method, status } = row;
      const key = `${method} ${status}`;
      rows.set(key, { method, status, ...addHistograms(rows.get(key), row) });
    }
    return [...rows.values()];
  },
});

/** Several parts, each by its name. */
interface Table<Values> extends Part<Values> {
  /** The schema of each part, for a message in which some may be left out. */
  shape(): { [Name in keyof Values]: z.ZodMiniType<Values[Name]> };
}

function table<Values extends Record<string, unknown>>(
  parts: { readonly [Name in keyof Values]: Part<Values[Name]> },
): Table<Values> {
  type Name = keyof Values & string;
  const names = Object.keys(parts) as Name[];
  // Each name has what its own part makes, which is more than TypeScript can follow.
  const each = (make: (name: Name) => unknown): unknown =>
    Object.fromEntries(names.map((name) => [name, make(name)]));
  const shape = () =>
    each((name) => parts[name].schema.schema) as ReturnType<
      Table<Values>["shape"]
    >;
  return {
    shape,
    schema: new LateSchema(() => z.object(shape()) as unknown as z.ZodMiniType<Values>),
    empty: () => each((name) => parts[name].empty()) as Values,
    add: (a, b) => each((name) => parts[name].add(a[name], b[name])) as Values,
  };
}

/** What was counted of the requests. Durations are in seconds, sizes in bytes. */
export const requestSnapshot = table({
  durations: byRequest(durationBounds),
  bodySizes: histogram(bodySizeBounds),
  /** Requests that were refused, by why; they are among the durations, too. */
  shed: table({
    /** Too many were in flight. */
    inflight: count,
    /** They had waited for the event loop for too long. */
    wait: count,
  }),
});

/** Why a request was refused. */
export type ShedReason = keyof RequestSnapshot["shed"];

/** What was counted of the requests, by one process or by several. */
export type RequestSnapshot = Output<typeof requestSnapshot.schema>;

/** All that a process tells of itself again and again. */
export const appSnapshot = table({
  /** Requests that the handler has been given and has not answered. */
  inFlight: count,
  /** Requests that it has answered, by which its age is told. */
  answered: count,
  /** How late the event loop came to the last heartbeat, in seconds. */
  loopDelay: greatest,
  requests: requestSnapshot,
});

/** All that a process tells of itself again and again. */
export type AppSnapshot = Output<typeof appSnapshot.schema>;
