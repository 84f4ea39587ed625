import type { LogOptions } from "../log.ts";

/** What the process around the handler needs to know. */
export interface AppOptions extends LogOptions {
  hostname: string;
  /** 0 picks a free one. */
  port: number;
  /** Share the port with the listener that answers probes until the handler is up. */
  reusePort: boolean;
  /** Probe paths to take before the handler sees them; empty where probes have a port of their own. */
  probePaths: readonly string[];
  /** Largest request body in bytes; `undefined`: the handler's own choice, else 100 MiB. */
  maxBodySize?: number;
  /** For one of the handler's own checks, in milliseconds. */
  checkTimeout: number;
  /** Count durations and sizes? What is in flight is always counted: readiness needs it. */
  metrics: boolean;
  accessLog: boolean;
  /** Tell which files the handler imports, and take `.env` files as they are now? Default no. */
  autoreload?: boolean;
}

/** The variable that makes a process an app process, with its {@linkcode AppConfig} as JSON. */
export const appVariable = "HURRICANE_INTERNAL_APP";

/** What an app process is started with. */
export interface AppConfig {
  /** Absolute path of the handler; without one, the handler is built into the program. */
  handler?: string;
  options: AppOptions;
}
