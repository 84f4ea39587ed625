/**
 * What must be true of two options together.
 *
 * @module
 */
import { parseSubscription } from "../amqp/subscription.ts";
import { parseStaticSite } from "../app/static/site.ts";
import { runtime } from "../runtime/mod.ts";
import { redactUrl } from "../webhooks/url.ts";
import type { Given } from "./given.ts";
import { sharesPort } from "./ports.ts";
import type { ServiceOptions } from "./service_options.ts";
import { quote, UsageError } from "./usage_error.ts";

/** Where each option that is given comes from, by its key. */
type Sources = ReadonlyMap<string, Given>;

/**
 * Refuses options that do not go with each other.
 *
 * @param given Where they come from, so that an error names them as the user does.
 * @throws {UsageError} The first two.
 */
export function requireCompatible(options: ServiceOptions, given: Sources): void {
  if (options.probe) requireDistinctPaths(options, given);
  if (options.debugger) requireDebuggable(options, given);
  if (options.autoreload) requireReloadable(options, given);
  requireDistinctPrefixes(options, given);
  requireTlsPair(given);
  requireSubscriptions(options, given);
  requirePlainProbes(options, given);
  requireReachableReceivers(options, given);
}

const endpoints = [
  ["startupProbe", "the startup probe"],
  ["readinessProbe", "the readiness probe"],
  ["livenessProbe", "the liveness probe"],
  ["metrics", "the metrics endpoint"],
] as const;

function requireDistinctPaths(options: ServiceOptions, given: Sources): void {
  const owners = new Map<string, string>();
  // Where hot reload alone opens the page, a probe may have its place.
  if (options.statusPage && isGiven("statusPage", given) && !sharesPort(options)) {
    owners.set("/", `the status page (${nameOf("statusPage", given)})`);
  }
  for (const [key, endpoint] of endpoints) {
    const path = options[key];
    if (path === false) continue;
    const label = `${endpoint} (${nameOf(key, given)})`;
    const owner = owners.get(path);
    if (owner !== undefined) {
      throw new UsageError(
        `${quote(path)} is the path of ${owner} and of ${label}: each needs its own`,
      );
    }
    owners.set(path, label);
  }
}

/** A debugger shows one process, on a port that nothing else uses. */
function requireDebuggable(options: ServiceOptions, given: Sources): void {
  const { workers, debuggerPort, port, probe, probePort } = options;
  if (workers > 1) {
    const { name, value } = given.get("workers") ?? { name: "--workers", value: workers };
    throw new UsageError(
      `${nameOf("debugger", given)} shows one worker, and there are ${workers} ` +
        `(${name} ${quote(value)}): give --workers 1`,
    );
  }
  const others = [["port", "the handler", port], ["probePort", "the probes", probePort]] as const;
  for (const [key, owner, other] of others) {
    if (debuggerPort === 0 || other !== debuggerPort || (key === "probePort" && !probe)) continue;
    throw new UsageError(
      `${debuggerPort} is the port of the debugger (${nameOf("debuggerPort", given)}) and of ` +
        `${owner} (${nameOf(key, given)}): each needs its own`,
    );
  }
}

/** Hot reload is for one developer's machine: one worker, behind a listener of the supervisor. */
function requireReloadable(options: ServiceOptions, given: Sources): void {
  const name = given.get("autoreload")?.name ?? "autoreload";
  if (options.workers > 1) {
    const workers = given.get("workers")?.name ?? "workers";
    throw new UsageError(`${name} reloads one worker, and ${workers} is ${options.workers}: use 1`);
  }
  if (options.tlsClientCa !== undefined) {
    const { name: clientCa = "tlsClientCa" } = given.get("tlsClientCa") ?? {};
    throw new UsageError(
      `${name} cannot ask clients for certificates (${clientCa}): leave one of them away`,
    );
  }
  if (sharesPort(options)) {
    throw new UsageError(
      `${name} needs a --probe-port of its own, not ${options.port}, which is that of the handler`,
    );
  }
}

function requireDistinctPrefixes(options: ServiceOptions, given: Sources): void {
  const owners = new Map<string, string>();
  for (const value of options.static) {
    const { prefix, directory } = parseStaticSite(value);
    const owner = owners.get(prefix);
    if (owner !== undefined) {
      const name = given.get("static")?.name ?? "static";
      throw new UsageError(
        `${name} gives ${quote(prefix)} to ${quote(owner)} and to ${quote(directory)}: ` +
          `each needs a prefix of its own, as in /other/=${directory}`,
      );
    }
    owners.set(prefix, directory);
  }
}

function requireTlsPair(given: Sources): void {
  const clientCa = given.get("tlsClientCa");
  if (clientCa?.value !== undefined && !isGiven("tlsCert", given)) {
    throw new UsageError(`${clientCa.name} means nothing without --tls-cert and --tls-key`);
  }
  const pair = [["tlsCert", "--tls-key"], ["tlsKey", "--tls-cert"]] as const;
  const [one, ...others] = pair.filter(([key]) => isGiven(key, given));
  if (one === undefined || others.length > 0) return;
  const [key, missing] = one;
  throw new UsageError(
    `${given.get(key)?.name} means nothing without ${missing}: give both or none of them`,
  );
}

/** A broker and what is taken from it, and a listener that lets messages in. */
function requireSubscriptions(options: ServiceOptions, given: Sources): void {
  const { amqpUrl, amqpQueue, tlsClientCa } = options;
  // An application may have its queues built in, and get the broker where it runs.
  if (amqpUrl === undefined) return;
  const url = nameOf("amqpUrl", given);
  if (amqpQueue.length === 0) {
    throw new UsageError(`${url} needs --amqp-queue, the queue that messages are taken from`);
  }
  if (tlsClientCa !== undefined) {
    throw new UsageError(
      `${url} posts messages to the handler without a certificate, which ` +
        `${nameOf("tlsClientCa", given)} asks for: leave one of them away`,
    );
  }
  const queues = amqpQueue.map((text) => parseSubscription(text).queue);
  const twice = queues.find((queue, index) => queues.indexOf(queue) !== index);
  if (twice !== undefined) {
    throw new UsageError(`${nameOf("amqpQueue", given)} names the queue ${quote(twice)} twice`);
  }
}

/** A kubelet would have to be told `scheme: HTTPS`, and `hurricane probe` speaks plain HTTP. */
function requirePlainProbes(options: ServiceOptions, given: Sources): void {
  if (options.tlsCert === undefined || !sharesPort(options)) return;
  const name = given.get("probePort")?.name;
  throw new UsageError(
    `${name} is ${options.port}, where the handler speaks TLS and probes would have to: ` +
      "give another port",
  );
}

/** Each webhook to such a port would be given up after its last attempt, and not before. */
function requireReachableReceivers({ webhookUrl }: ServiceOptions, given: Sources): void {
  for (const url of webhookUrl) {
    const { port } = new URL(url);
    if (!runtime.blockedPorts.has(Number(port))) continue;
    const name = given.get("webhookUrl")?.name;
    throw new UsageError(
      `${name} ${quote(redactUrl(url))}: port ${port} is one of those that Deno's fetch blocks: ` +
        "let the receiver listen on another port, or serve on Bun",
    );
  }
}

/** A program may give `undefined`, which is not given. */
function isGiven(key: string, given: Sources): boolean {
  return given.get(key)?.value !== undefined;
}

function nameOf(key: string, given: Sources): string {
  return given.get(key)?.name ?? "default";
}
