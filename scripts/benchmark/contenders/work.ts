/**
 * What every contender does in a scenario, so that all do the same.
 *
 * @module
 */
import process from "node:process";

/** The body of the plain text. */
export const greeting = "Hello, World!";

/** About 1 kB of JSON. */
export const record = {
  id: 42,
  customer: "C-100042",
  active: true,
  orders: Array.from({ length: 14 }, (_, index) => ({
    id: 1000 + index,
    product: `product number ${index}`,
    price: 9.95 + index,
    shipped: index % 2 === 0,
  })),
};

const piece = new TextEncoder().encode("0123456789abcdef".repeat(512));

/** 64 kB in eight pieces. */
export function* pieces(): Generator<Uint8Array> {
  for (let count = 0; count < 8; count++) yield piece;
}

/** The same as a stream, as a handler writes it. */
export function pieceStream(): ReadableStream<Uint8Array> {
  const iterator = pieces();
  return new ReadableStream({
    pull(controller): void {
      const { done, value } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

/** Something to wait for that is there already, as a cache's answer is. */
export async function lookUp(): Promise<string> {
  await Promise.resolve();
  return greeting;
}

/** Keeps the processor busy for so many rounds; returns what nobody can guess. */
export function spin(rounds: number): number {
  let state = rounds;
  for (let round = 0; round < rounds; round++) state = (Math.imul(state, 1664525) + 1013904223) | 0;
  return state;
}

/** Rounds that take about 1 ms on this machine; the benchmark measures that and says so. */
const burnRounds = Number(process.env["BENCH_BURN_ROUNDS"] ?? 600_000);

/** Burns about 1 ms of processor time: rounds and not a clock, for two workers may share a core. */
export function burn(): string {
  return spin(burnRounds) === 0 ? "" : greeting;
}

/** Blocks the event loop. */
export function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) spin(1000);
}

/** The milliseconds in the path `/block/MILLISECONDS`, or 0. */
export function blockingTime(url: string): number {
  return Number(/\/block\/(\d+)$/.exec(url)?.[1] ?? 0);
}
