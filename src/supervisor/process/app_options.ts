import type { AppOptions } from "../../app/options.ts";
import { tlsFiles } from "../../app/tls.ts";
import { probePaths } from "../../probes/server.ts";
import { inflightShare } from "../workers/inflight_share.ts";
import { type ServiceOptions, sharesPort } from "../options.ts";

/**
 * What the process around the handler needs to know of a service's options.
 *
 * @param listen how it listens
 */
export function appOptions(
  options: ServiceOptions,
  { hostname, reusePort }: { hostname: string; reusePort: boolean },
): AppOptions {
  const { maxBodySize, checkTimeout, metrics, accessLog, autoreload, logLevel, logFormat } =
    options;
  return {
    hostname,
    reusePort,
    probePaths: sharesPort(options) ? probePaths(options) : [],
    ...(maxBodySize === undefined ? {} : { maxBodySize }),
    ...inflightShare(options),
    static: options.static,
    ...tlsFiles(options),
    checkTimeout,
    metrics: metrics !== false,
    accessLog,
    inspector: options.debugger,
    tellImports: autoreload,
    logLevel,
    logFormat,
  };
}
