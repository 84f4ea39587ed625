import process from "node:process";
import { requireDebuggable } from "./debugger.ts";
import type { Given } from "./given.ts";
import type { Environment } from "./option.ts";
import { serveTable } from "./serve_table.ts";
import { requireDistinctPrefixes } from "./static.ts";
import type { ServeInput, ServeOptions } from "./serve_options.ts";
import { type Inputs, readValues } from "./table.ts";
import { quote, UsageError } from "./usage_error.ts";

/**
 * Checks and completes options that a program gives.
 *
 * @param input Values as a person would write them, or as numbers. `undefined` is not given.
 * @param environment Only tells whether this is Kubernetes; `HURRICANE_` variables belong to the
 * command line.
 * @throws {UsageError} The first option that is wrong, by its key.
 *
 * @example
 * ```ts
 * import { resolveOptions } from "./resolve.ts";
 *
 * resolveOptions({ port: 0, webhookTimeout: "2s" }).webhookTimeout; // 2000
 * ```
 */
export function resolveOptions(
  input: ServeInput,
  environment: Environment = process.env,
): ServeOptions {
  const readable: Inputs<typeof serveTable> = input;
  const given = Object.entries(readable).map(([name, value]) => [name, { name, value }] as const);
  return resolve(new Map(given), environment);
}

/**
 * Checks and completes options, whoever gives them.
 *
 * @throws {UsageError} The first option that is wrong, or does not go with another.
 */
export function resolve(
  given: ReadonlyMap<string, Given>,
  environment: Environment,
): ServeOptions {
  const data = readValues(serveTable, given);
  const options: ServeOptions = {
    ...data,
    probePort: data.probePort ?? nextPort(data.port, data.probe, given),
    probeHost: data.probeHost ?? data.host,
    metrics: data.probe && data.metrics,
    // An event loop that stands still is what a breakpoint is.
    stallTimeout: data.debugger ? Infinity : data.stallTimeout,
    shutdownDelay: data.shutdownDelay ?? (environment["KUBERNETES_SERVICE_HOST"] ? 5000 : 0),
  };
  if (options.probe) requireDistinctPaths(options, given);
  if (options.debugger) requireDebuggable(options, given);
  if (options.autoreload) requireDevelopment(options, given);
  requireDistinctPrefixes(options.static, given.get("static")?.name ?? "static");
  requireTlsPair(given);
  requirePlainProbes(options, given);
  return options;
}

/** A program may give `undefined`, which is not given. */
function isGiven(given: ReadonlyMap<string, Given>, key: string): boolean {
  return given.get(key)?.value !== undefined;
}

function nextPort(port: number, probe: boolean, given: ReadonlyMap<string, Given>): number {
  if (port === 0) return 0;
  if (port < 65535) return port + 1;
  if (!probe) return 0;
  const name = given.get("port")?.name ?? "port";
  throw new UsageError(
    `${name} is 65535, and no port follows it for the probes: give --probe-port`,
  );
}

const endpoints = [
  ["startupProbe", "the startup probe"],
  ["readinessProbe", "the readiness probe"],
  ["livenessProbe", "the liveness probe"],
  ["metrics", "the metrics endpoint"],
] as const;

function requireDistinctPaths(options: ServeOptions, given: ReadonlyMap<string, Given>): void {
  const owners = new Map<string, string>();
  for (const [key, endpoint] of endpoints) {
    const path = options[key];
    if (path === false) continue;
    const label = `${endpoint} (${given.get(key)?.name ?? "default"})`;
    const owner = owners.get(path);
    if (owner !== undefined) {
      throw new UsageError(
        `${quote(path)} is the path of ${owner} and of ${label}: each needs its own`,
      );
    }
    owners.set(path, label);
  }
}

/** Hot reload is for one developer's machine: one worker, behind a listener of the supervisor. */
function requireDevelopment(options: ServeOptions, given: ReadonlyMap<string, Given>): void {
  const name = given.get("autoreload")?.name ?? "autoreload";
  if (options.workers > 1) {
    const workers = given.get("workers")?.name ?? "workers";
    throw new UsageError(`${name} reloads one worker, and ${workers} is ${options.workers}: use 1`);
  }
  if (options.probe && options.port !== 0 && options.port === options.probePort) {
    throw new UsageError(
      `${name} needs a --probe-port of its own, not ${options.port}, which is that of the handler`,
    );
  }
}

function requireTlsPair(given: ReadonlyMap<string, Given>): void {
  const pair = [["tlsCert", "--tls-key"], ["tlsKey", "--tls-cert"]] as const;
  const [one, ...others] = pair.filter(([key]) => isGiven(given, key));
  if (one === undefined || others.length > 0) return;
  const [key, missing] = one;
  throw new UsageError(
    `${given.get(key)?.name} means nothing without ${missing}: give both or none of them`,
  );
}

/** A kubelet would have to be told `scheme: HTTPS`, and `hurricane probe` speaks plain HTTP. */
function requirePlainProbes(
  { probe, port, probePort, tlsCert }: ServeOptions,
  given: ReadonlyMap<string, Given>,
): void {
  if (tlsCert === undefined || !probe || port === 0 || port !== probePort) return;
  const name = given.get("probePort")?.name;
  throw new UsageError(
    `${name} is ${port}, where the handler speaks TLS and probes would have to: give another port`,
  );
}
