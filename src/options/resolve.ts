import process from "node:process";
import { anyHost } from "./any_host.ts";
import { requireCompatible } from "./combinations.ts";
import type { Given } from "./given.ts";
import type { Environment } from "./option.ts";
import { nextPort } from "./ports.ts";
import type { ServeInput } from "./serve_input.ts";
import { serveTable } from "./serve_table.ts";
import type { ServiceOptions } from "./service_options.ts";
import { type Inputs, readValues } from "./table.ts";

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
): ServiceOptions {
  const readable: Inputs<typeof serveTable> = input;
  const given = Object.entries(readable).map(([name, value]) => [name, { name, value }] as const);
  return resolve(new Map(given), environment);
}

/**
 * Checks and completes options, whoever gives them.
 *
 * @param given What is given for each option, by its key.
 * @throws {UsageError} The first option that is wrong, or does not go with another.
 */
export function resolve(
  given: ReadonlyMap<string, Given>,
  environment: Environment,
): ServiceOptions {
  const read = readValues(serveTable, given);
  const host = read.host ?? anyHost();
  const options: ServiceOptions = {
    ...read,
    host,
    probePort: read.probePort ?? nextPort(read.port, read.probe, given),
    probeHost: read.probeHost ?? host,
    metrics: read.probe && read.metrics,
    statusPage: read.probe && (read.statusPage ?? read.autoreload),
    // An event loop that stands still is what a breakpoint is.
    stallTimeout: read.debugger ? Infinity : read.stallTimeout,
    shutdownDelay: read.shutdownDelay ?? (environment["KUBERNETES_SERVICE_HOST"] ? 5000 : 0),
  };
  requireCompatible(options, given);
  return options;
}
