/**
 * The machine and the versions that a measurement is made with.
 *
 * @module
 */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { release, totalmem } from "node:os";
import { join } from "node:path";
import process from "node:process";
import peers from "./peers.json" with { type: "json" };
import { projectRoot, runtimes } from "./places.ts";
import { allowedProcessors } from "./proc.ts";

/** The processors of a measurement, as `taskset` takes them. */
export interface Processors {
  server: string;
  load: string;
  both: string;
}

/** One processor for the server, one for the load. Throws where there are not two. */
export function twoProcessors(): Processors {
  const [server, load] = allowedProcessors();
  if (server === undefined || load === undefined) {
    throw new Error("two processors are needed: one for the server, one for the load");
  }
  return { server: String(server), load: String(load), both: `${server},${load}` };
}

/** The machine in a line. */
export function describeMachine(): string {
  const cpu = /^model name\s*: (.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1];
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpu ?? process.arch}, ${allowedProcessors().length} processors, ${memory} GB, ` +
    `Linux ${release()}`;
}

/** The versions of everything that took part. */
export function describeVersions(): string {
  const hurricane = firstLine(join(projectRoot, "dist/hurricane"), "--version");
  const wrk = /wrk \S*?(\d[\d.]*)/.exec(spawnSync("wrk", ["-v"], { encoding: "utf8" }).stdout)?.[1];
  const node = spawnSync("node", ["--version"], { encoding: "utf8" });
  return [
    hurricane,
    `Bun ${firstLine(runtimes.bun, "--version")}`,
    firstLine(runtimes.deno, "--version").replace(/^deno (\S+).*/, "Deno $1"),
    ...(node.status === 0 ? [`Node ${node.stdout.trim().slice(1)}`] : []),
    `wrk ${wrk ?? "?"}`,
    ...Object.entries(peers).map(([name, version]) => `${name} ${version}`),
  ].join(", ");
}

function firstLine(file: string, ...args: string[]): string {
  return execFileSync(file, args, { encoding: "utf8" }).split("\n")[0] ?? "";
}
