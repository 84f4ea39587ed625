/**
 * Hono with metrics and health routes on one port, as its documentation wires them.
 *
 * @module
 */
import { prometheus } from "@hono/prometheus";
import { Hono } from "hono";
import { logger } from "hono/logger";
import { given } from "./given.ts";
import { addRoutes } from "./hono_routes.ts";

const { printMetrics, registerMetrics } = prometheus({ collectDefaultMetrics: true });

/** The app; what else it answers belongs before the scenario's routes. */
export function honoApp(more: (app: Hono) => void = () => {}): Hono {
  const app = new Hono();
  if (given.accessLog) app.use(logger());
  app.use("*", registerMetrics);
  app.get("/metrics", printMetrics);
  more(app);
  addRoutes(app, given.scenario);
  return app;
}
