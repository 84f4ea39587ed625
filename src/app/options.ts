import type { LogOptions } from "../log.ts";
import type { TlsFiles } from "./tls.ts";

/** What the process around the handler needs to know. */
export interface AppOptions extends LogOptions {
  hostname: string;
  /** Share the port with other workers, and with the listener of the probes (`SO_REUSEPORT`). */
  reusePort: boolean;
  /** Probe paths to take before the handler sees them; empty where probes have a port of their own. */
  probePaths: readonly string[];
  /** Directories whose files are served before the handler, as `--static` takes them. */
  static: readonly string[];
  /** Largest request body in bytes; `undefined`: the handler's own choice, else 100 MiB. */
  maxBodySize?: number;
  /** With so many requests in this process's handler, a further one gets 503. Left out: none does. */
  maxInflight?: number;
  /** Listen over TLS: absolute paths, read when the process listens. */
  tls?: TlsFiles;
  /** For one of the handler's own checks, in milliseconds. */
  checkTimeout: number;
  /** Count durations and sizes? What is in flight is always counted: readiness needs it. */
  metrics: boolean;
  accessLog: boolean;
  /** Open the runtime's inspector on a free port, before the handler is imported? */
  inspector: boolean;
  /** Tell the supervisor which files the handler has imported? */
  tellImports: boolean;
}

/** The variable that makes a process an app process, with its {@linkcode AppConfig} as JSON. */
export const appVariable = "HURRICANE_INTERNAL_APP";

/** What an app process is started with. */
export interface AppConfig {
  /** Absolute path of the handler; without one, the handler is built into the program. */
  handler?: string;
  options: AppOptions;
}
