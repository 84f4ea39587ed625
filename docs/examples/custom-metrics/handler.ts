/** A shop that counts what it sells. */
import { Hono } from "hono";
import { Counter, Gauge, Histogram } from "prom-client";

const orders = new Counter({
  name: "shop_orders_total",
  help: "Orders, by how they are paid.",
  // Each value is a series of its own: no names of users, no numbers of orders.
  labelNames: ["payment"],
});
const items = new Histogram({
  name: "shop_order_items",
  help: "How many things are in an order.",
  buckets: [1, 5, 20],
});
const waiting: number[] = [];
new Gauge({
  name: "shop_orders_waiting",
  help: "Orders that are not packed yet.",
  // Called for each scrape.
  collect() {
    this.set(waiting.length);
  },
});

const app = new Hono();
app.post("/orders/:count{[0-9]+}", (c) => {
  const count = Number(c.req.param("count"));
  orders.inc({ payment: c.req.query("card") === undefined ? "invoice" : "card" });
  items.observe(count);
  waiting.push(count);
  return c.text("ordered\n", 201);
});
export default app;
