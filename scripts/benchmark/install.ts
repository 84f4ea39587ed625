/**
 * Lays out what the benchmark needs besides the project itself.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import peers from "./peers.json" with { type: "json" };
import {
  benchRoot,
  contenderFile,
  contendersRoot,
  contendersSource,
  originals,
  runtimes,
} from "./places.ts";

/** Lays out `.tools/bench`: the peers from npm, the contenders, and copies of the runtimes to run them. */
export function install(): void {
  mkdirSync(benchRoot, { recursive: true });
  installPeers();
  for (const name of ["bun", "deno"] as const) {
    if (!existsSync(runtimes[name])) copyFileSync(originals[name], runtimes[name]);
  }
  cpSync(contendersSource, contendersRoot, { recursive: true });
  for (const name of ["node_stack", "fastify_stack", "calibrate"]) withoutTypes(name);
}

function installPeers(): void {
  const manifest = JSON.stringify({ private: true, type: "module", dependencies: peers }, null, 2);
  const file = join(benchRoot, "package.json");
  const stamp = join(benchRoot, "node_modules/.hurricane-stamp");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === manifest) return;
  console.error("hurricane: installing the peers from npm into .tools/bench (once)");
  writeFileSync(file, manifest);
  // Deno would take Hurricane's deno.json if there were none here.
  writeFileSync(join(benchRoot, "deno.json"), '{ "nodeModulesDir": "manual" }\n');
  execFileSync(
    "npm",
    ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
    { cwd: benchRoot, stdio: ["ignore", "ignore", "inherit"] },
  );
  writeFileSync(stamp, manifest);
}

/** Writes a contender for Node as JavaScript: not every Node that is in use runs TypeScript. */
function withoutTypes(name: string): void {
  execFileSync(process.execPath, [
    ...["build", contenderFile(`${name}.ts`), "--target=node", "--format=esm"],
    ...["--packages=external", `--outfile=${contenderFile(`${name}.js`)}`],
  ], { stdio: ["ignore", "ignore", "inherit"] });
}
