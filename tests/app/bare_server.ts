/**
 * The counting handler without Hurricane: on the runtime's own server, whose port is printed.
 *
 * @module
 */
import { writeSync } from "node:fs";
import { runtime } from "../../src/runtime/mod.ts";
import handler from "./counting_handler.ts";

const address = { hostname: "127.0.0.1", port: 0, reusePort: false };
const { port } = await runtime.listen(handler.fetch, address);
writeSync(1, `${port}\n`);
