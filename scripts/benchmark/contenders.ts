/**
 * What is compared: Hurricane in its three forms, the bare runtimes, and what others use.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { contenderFile, contendersRoot, projectRoot, runtimes } from "./places.ts";

/** How a contender is started. */
export interface Task {
  handler: string;
  port: number;
  probePort: number;
  accessLog: boolean;
  workers: number;
}

/** The paths of a contender's probes. */
export interface Endpoints {
  ready: string;
  alive: string;
  /** Are they on the handler's port? */
  shared: boolean;
}

/** What a contender runs on; the executable is Bun. */
export type Runtime = "bun" | "deno" | "node";

/** Something that serves HTTP. */
export interface Contender {
  name: string;
  title: string;
  runtime: Runtime;
  /** Is it Hurricane? Only then there are workers, and it takes part in every scenario. */
  hurricane: boolean;
  /** The name of the bare runtime under it, where it is measured. */
  bare?: "bun" | "deno";
  command(task: Task): string[];
  probes?: Endpoints;
  /** The path of its metrics, the counter of its requests there, and whether the port is the handler's. */
  metrics?: { path: string; counter: string; shared: boolean };
  /** Why it cannot be measured on this machine. */
  missing?(): string | undefined;
}

const hurricane = {
  hurricane: true,
  probes: { ready: "/ready", alive: "/alive", shared: false },
  metrics: {
    path: "/metrics",
    counter: "http_server_request_duration_seconds_count",
    shared: false,
  },
};

const main = join(projectRoot, "src/main.ts");
const honoMetrics = {
  path: "/metrics",
  counter: "http_request_duration_seconds_count",
  shared: true,
};

/** All of them, in the order of the tables. */
export const contenders: readonly Contender[] = [
  {
    ...hurricane,
    name: "hurricane",
    title: "Hurricane, executable",
    runtime: "bun",
    bare: "bun",
    command: (task) => [join(projectRoot, "dist/hurricane"), ...serve(task)],
  },
  {
    ...hurricane,
    name: "hurricane-bun",
    title: "Hurricane on Bun",
    runtime: "bun",
    bare: "bun",
    command: (task) => [runtimes.bun, main, ...serve(task)],
  },
  {
    ...hurricane,
    name: "hurricane-deno",
    title: "Hurricane on Deno",
    runtime: "deno",
    bare: "deno",
    command: (task) => [runtimes.deno, "run", "-A", "--unstable-net", main, ...serve(task)],
  },
  peer("bun", "Bun.serve", "bun", "bare_bun.ts"),
  peer("deno", "Deno.serve", "deno", "bare_deno.ts"),
  { ...peer("srvx-bun", "srvx on Bun", "bun", "srvx.ts"), bare: "bun" },
  { ...peer("srvx-deno", "srvx on Deno", "deno", "srvx.ts"), bare: "deno" },
  {
    ...peer("hono-bun", "Hono + @hono/prometheus on Bun", "bun", "hono_bun.ts"),
    bare: "bun",
    probes: { ready: "/ready", alive: "/alive", shared: true },
    metrics: honoMetrics,
  },
  {
    ...peer("node", "Node: Hono, @hono/prometheus, lightship", "node", "node_stack.js"),
    probes: { ready: "/ready", alive: "/live", shared: false },
    metrics: honoMetrics,
  },
  {
    ...peer("fastify", "Fastify + @fastify/under-pressure", "node", "fastify_stack.js"),
    probes: { ready: "/status", alive: "/status", shared: true },
  },
];

/** The contender of a name. Throws where there is none. */
export function contender(name: string): Contender {
  const found = contenders.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no contender ${name}`);
  return found;
}

function serve({ handler, port, probePort, accessLog, workers }: Task): string[] {
  return [
    ...["serve", join(contendersRoot, "handlers", `${handler}.ts`), "--host", "127.0.0.1"],
    ...["--port", String(port), "--probe-port", String(probePort)],
    ...(accessLog ? ["--access-log"] : []),
    ...(workers > 1 ? ["--workers", String(workers)] : []),
  ];
}

/** The command that runs a contender's file on a runtime. */
export function runs(runtime: Runtime, file: string): [program: string, ...args: string[]] {
  const path = contenderFile(file);
  if (runtime === "deno") return [runtimes.deno, "run", "-A", path];
  return [runtime === "bun" ? runtimes.bun : "node", path];
}

function peer(
  name: string,
  title: string,
  runtime: Runtime,
  file: string,
): Contender {
  return {
    name,
    title,
    runtime,
    hurricane: false,
    command: ({ handler, port, probePort, accessLog }) => [
      ...runs(runtime, file),
      ...[handler, String(port), String(probePort), accessLog ? "access-log" : ""],
    ],
    ...(runtime === "node" ? { missing: missingNode } : {}),
  };
}

function missingNode(): string | undefined {
  const { status } = spawnSync("node", ["--version"], { env: process.env });
  return status === 0 ? undefined : "there is no node on PATH";
}
