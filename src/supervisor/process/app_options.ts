import { type AppOptions, passedOn } from "../../app/options.ts";
import { tlsFiles } from "../../app/tls.ts";
import { sharesPort } from "../../options/ports.ts";
import type { ServiceOptions } from "../../options/service_options.ts";
import { probePaths } from "../../probes/server.ts";
import { statusPaths } from "../../status/paths.ts";
import { inflightShare } from "../workers/inflight_share.ts";

/**
 * What the process around the handler needs to know of a service's options.
 *
 * @param listen how it listens
 */
export function appOptions(
  options: ServiceOptions,
  { hostname, reusePort }: { hostname: string; reusePort: boolean },
): AppOptions {
  return {
    ...pick(options, passedOn),
    hostname,
    publicPort: options.port,
    reusePort,
    probePaths: sharesPort(options) ? [...probePaths(options), ...pagePaths(options)] : [],
    ...inflightShare(options),
    ...tlsFiles(options),
    metrics: options.metrics !== false,
    inspector: options.debugger,
    tellImports: options.autoreload,
    tellLog: options.statusPage,
  };
}

function pagePaths({ statusPage }: ServiceOptions): string[] {
  return statusPage ? Object.values(statusPaths) : [];
}

function pick<Of extends object, Key extends keyof Of>(
  object: Of,
  keys: readonly Key[],
): Pick<Of, Key> {
  const entries = keys.filter((key) => key in object).map((key) => [key, object[key]]);
  return Object.fromEntries(entries) as Pick<Of, Key>;
}
