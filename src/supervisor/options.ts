import type { CommandOptions } from "../commands/run.ts";
import type { LogOptions } from "../log.ts";
import type { ProbeLimits } from "../probes/probes.ts";
import type { ProbePaths } from "../probes/server.ts";
import type { WebhookOptions } from "../webhooks/webhooks.ts";

/** Everything that decides how a service lives. Times are in milliseconds, sizes in bytes. */
export interface ServiceOptions
  extends CommandOptions, WebhookOptions, ProbePaths, ProbeLimits, LogOptions {
  port: number;
  host: string;
  probePort: number;
  probeHost: string;
  /** `false`: no probes, and so no metrics endpoint. */
  probe: boolean;
  checkTimeout: number;
  maxRestarts: number;
  maxBodySize?: number;
  /** Directories to serve, as `dir` or `/prefix/=dir`. */
  static: string[];
  tlsCert?: string;
  tlsKey?: string;
  /** Over all workers. */
  maxInflight?: number;
  workers: number;
  /** In requests. */
  maxLifetime?: number;
  maxMemory?: number;
  autoreload: boolean;
  watchPath: string[];
  debugger: boolean;
  debuggerPort: number;
  shutdownDelay: number;
  shutdownTimeout: number;
  accessLog: boolean;
  logProbes: boolean;
}

/** Do the probes share the handler's port? Both 0 are two free ones. */
export function sharesPort(
  { probe, port, probePort }: Pick<ServiceOptions, "probe" | "port" | "probePort">,
): boolean {
  return probe && port !== 0 && port === probePort;
}
