/**
 * A handler with metrics of its own: `BENCH_METRICS` counters with ten time series each.
 *
 * @module
 */
import process from "node:process";
import { Counter } from "prom-client";
import { greeting } from "../work.ts";

const counters = Array.from(
  { length: Number(process.env["BENCH_METRICS"] ?? 1) },
  (_, index) =>
    new Counter({ name: `orders_${index}_total`, help: "A counter.", labelNames: ["shop"] }),
);
for (const counter of counters) {
  for (let shop = 0; shop < 10; shop++) counter.inc({ shop: String(shop) }, 0);
}
let next = 0;

export default {
  fetch(_request: Request): Response {
    next = (next + 1) % counters.length;
    counters[next]?.inc({ shop: "3" });
    return new Response(greeting);
  },
};
