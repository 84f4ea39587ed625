/**
 * A handler with `BENCH_SERIES` time series of its own, which it shows by itself at `/metrics`.
 *
 * @module
 */
import process from "node:process";
import { Gauge, register } from "prom-client";
import { greeting } from "../work.ts";

const stock = new Gauge({ name: "stock", help: "A gauge.", labelNames: ["path", "kind"] });
const series = Number(process.env["BENCH_SERIES"] ?? 1);
for (let n = 0; n < series; n++) {
  stock.set({ path: `/items/${n}`, kind: n % 3 === 0 ? "book" : "film" }, n * 1.37);
}

export default {
  async fetch({ url }: Request): Promise<Response> {
    return new URL(url).pathname === "/metrics"
      ? new Response(await register.metrics(), {
        headers: { "Content-Type": register.contentType },
      })
      : new Response(greeting);
  },
};
