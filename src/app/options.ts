import type { ServiceOptions } from "../options/service_options.ts";
import type { TlsFiles } from "./tls.ts";

/** The options of the service that the process around the handler gets as they are. */
export const passedOn = [
  "static",
  "maxBodySize",
  "maxHeaderSize",
  "maxWait",
  "requestTimeout",
  "idleTimeout",
  "adoptPort",
  "checkTimeout",
  "accessLog",
  "accessLogFields",
  "trustedProxy",
  "requestId",
  "otel",
  "logLevel",
  "logFormat",
] as const satisfies (keyof ServiceOptions)[];

/** What the process around the handler needs to know. */
export interface AppOptions extends Pick<ServiceOptions, typeof passedOn[number]> {
  hostname: string;
  /** The port of `--port`, which the handler finds in its variable PORT; 0: a free one. */
  publicPort: number;
  /** Share the port with other workers, and with the listener of the probes (`SO_REUSEPORT`). */
  reusePort: boolean;
  /** Probe paths to take before the handler sees them; empty where probes have a port of their own. */
  probePaths: readonly string[];
  /** With so many requests in this process's handler, a further one gets 503. Left out: none does. */
  maxInflight?: number;
  /** Listen over TLS: absolute paths, read when the process listens. */
  tls?: TlsFiles;
  /** Count durations and sizes? What is in flight is always counted: readiness needs it. */
  metrics: boolean;
  /** Open the runtime's inspector on a free port, before the handler is imported? */
  inspector: boolean;
  /** Tell the supervisor which files the handler has imported? */
  tellImports: boolean;
  /** Tell the supervisor what is logged here? */
  tellLog: boolean;
}

/**
 * The variable that makes a process an app process: the supervisor's process id, a space, and the
 * {@linkcode AppConfig} as JSON, or nothing where that is told later. By the id a process that has
 * merely inherited it knows so: some ways to start one pass on what is no longer in `process.env`.
 */
export const appVariable = "HURRICANE_INTERNAL_APP";

/** What an app process is started with. */
export interface AppConfig {
  /** Absolute path of the handler; without one, the handler is built into the program. */
  handler?: string;
  options: AppOptions;
}
