/**
 * The scenarios as Hono apps.
 *
 * @module
 */
import type { Hono } from "hono";
import { stream } from "hono/streaming";
import { block, blockingTime, burn, greeting, lookUp, pieces, record } from "./work.ts";

/** The scenario `hono`: a small app, of which `/users/:id` is asked for. */
export function fiveRoutes(app: Hono): Hono {
  return app
    .get("/", (context) => context.text(greeting))
    .get("/users", (context) => context.json([]))
    .get("/users/:id", (context) => context.text(`user ${context.req.param("id")}`))
    .post("/users", (context) => context.json({ created: true }))
    .delete("/users/:id", (context) => context.body(null, 204)) as unknown as Hono;
}

/** The route of a scenario, as somebody writes it who uses Hono anyway. */
export function addRoutes(app: Hono, scenario: string): void {
  switch (scenario) {
    case "json":
      app.get("/", (context) => context.json(record));
      return;
    case "post":
      app.post("/", async (context) => context.text(String((await context.req.text()).length)));
      return;
    case "await":
      app.get("/", async (context) => context.text(await lookUp()));
      return;
    case "hono":
      fiveRoutes(app);
      return;
    case "stream":
      app.get("/", (context) => {
        context.header("content-type", "text/plain");
        return stream(context, async (out) => {
          for (const piece of pieces()) await out.write(piece);
        });
      });
      return;
    case "burn":
      app.get("/", (context) => context.text(burn()));
      return;
    case "block":
      app.get("/*", (context) => {
        block(blockingTime(context.req.url));
        return context.text(greeting);
      });
      return;
    default:
      app.get("/", (context) => context.text(greeting));
  }
}
