import { Hono } from "hono";
import { fiveRoutes } from "../hono_routes.ts";

export default fiveRoutes(new Hono());
