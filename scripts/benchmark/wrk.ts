import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { projectRoot } from "./places.ts";
import type { Scenario } from "./scenarios.ts";
import { guard } from "./running.ts";

/** How much load, against what. */
export interface LoadOptions {
  scenario: Scenario;
  port: number;
  connections: number;
  /** In seconds. */
  duration: number;
  /** The processor that it runs on. */
  processor: string;
}

/** What the load generator saw. */
export interface Load {
  requests: number;
  seconds: number;
  /** Latencies in milliseconds. */
  p50: number;
  p99: number;
  /** Connections that were refused or broke, answers other than 2xx and 3xx, and none in time. */
  refused: number;
  status: number;
  timeout: number;
}

const script = join(projectRoot, "scripts/benchmark/wrk.lua");

/**
 * Runs `wrk`, which sends the next request on a connection when it has the answer to the last. Rejects
 * where anything was not answered as it should be.
 */
export async function load(options: LoadOptions): Promise<Load> {
  const measured = await run(options);
  const { refused, status, timeout } = measured;
  if (refused + status + timeout > 0) {
    throw new Error(
      `of ${measured.requests} requests, ${status} got an error, ${timeout} no answer, ` +
        `${refused} a broken connection`,
    );
  }
  return measured;
}

async function run(
  { scenario, port, connections, duration, processor }: LoadOptions,
): Promise<Load> {
  const url = `http://127.0.0.1:${port}${scenario.path}`;
  const child = guard(spawn("taskset", [
    ...["-c", processor, "wrk", "-t1", `-c${connections}`, `-d${duration}s`],
    ...["--timeout", "10s", "-s", script, url],
  ], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      BENCH_METHOD: scenario.method,
      BENCH_BODY: String(scenario.bodySize),
    },
  }));
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const line = output.split("\n").find((one) => one.startsWith("@"));
  if (line === undefined) throw new Error(`wrk: ${(errors || output).trim().split("\n").at(-1)}`);
  return JSON.parse(line.slice(1)) as Load;
}
