import { createServer } from "node:https";
import { listener } from "./listener.js";

createServer({ cert: process.env.TLS_CERT, key: process.env.TLS_KEY }, listener)
  .listen(process.env.PORT ?? 3443);
