/** Puts letters into a queue, and sends them when they come out of it. */
import { Hono } from "hono";
import { close, publish } from "./publish.ts";

const app = new Hono();

app.post("/letters", async (c) => {
  await publish("jobs", await c.req.text());
  return c.text("queued\n", 202);
});

/** The messages of `--amqp-queue jobs`. */
app.post("/jobs", async (c) => {
  const { to }: { to?: string } = await c.req.json();
  // It will never do: it is rejected, and `jobs.dead` gets it.
  if (to === undefined) return c.body(null, 422);
  console.log(`a letter to ${to}`);
  return c.body(null, 204);
});

export default app;

/** After the last request. */
export const onShutdown = close;
