/**
 * What the ports of the handler and of its probes have to do with each other.
 *
 * @module
 */
import type { Given } from "./given.ts";
import type { ServiceOptions } from "./service_options.ts";
import { UsageError } from "./usage_error.ts";

/** Do the probes share the handler's port? Both 0 are two free ones. */
export function sharesPort(
  { probe, port, probePort }: Pick<ServiceOptions, "probe" | "port" | "probePort">,
): boolean {
  return probe && port !== 0 && port === probePort;
}

/**
 * Where probes listen unless they are told otherwise: the port after the handler's.
 *
 * @throws {UsageError} There is none.
 */
export function nextPort(
  port: number,
  probe: boolean,
  given: ReadonlyMap<string, Given>,
): number {
  if (port === 0) return 0;
  if (port < 65535) return port + 1;
  if (!probe) return 0;
  const name = given.get("port")?.name ?? "port";
  throw new UsageError(
    `${name} is 65535, and no port follows it for the probes: give --probe-port`,
  );
}
