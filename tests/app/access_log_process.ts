/**
 * A process that writes an access log for real. Arguments: the format, how many lines, and whether
 * it exits in the turn in which it has written them.
 *
 * @module
 */
import process from "node:process";
import { AccessLog } from "../../src/app/access_log.ts";
import type { LogFormat } from "../../src/log.ts";

const [format, count, exit] = process.argv.slice(2);
const log = new AccessLog(format as LogFormat);
const client = log.wantsPeer ? "10.0.0.1" : undefined;
for (let number = 0; number < Number(count); number++) {
  log.write("GET", `http://host:80/a/${number}?q=//x`, 200, 0.0012344, client);
}
if (exit === "odd") log.write("GET", 'http://host/"\\\u0000\u007f\u2028ü', 200, 0, "::1");
if (exit === "long") {
  for (const path of ["x".repeat(16_000), '"'.repeat(16_000), "\ud800ü".repeat(8000)]) {
    log.write("GET", `http://host/${path}`, 200, 0, "::1");
  }
}
// What Bun makes of a request without a Host.
if (exit === "odd") log.write("GET", "/a/b?u=http://h/p", 200, 0, "::1");
log.write("PUT", "http://host/", 503, 0, undefined);
if (exit === "exit") process.exit(0);
