import { z } from "zod";
import { redactUrl } from "../webhooks/url.ts";
import { details, type Flag, flagsOf, type Option, optionsOf } from "./option.ts";
import type { ServeInput } from "./serve_input.ts";
import {
  choice,
  commandLine,
  count,
  countAboveZero,
  duration,
  file,
  host,
  httpUrl,
  list,
  path,
  port,
  secret,
  size,
  staticSite,
  timeLimit,
  toggle,
  workerCount,
} from "./values.ts";

/**
 * Every option of `hurricane serve`, once. The flag, the variable, the help and the checks follow
 * from it; an option with a default that depends on others is completed in `resolve.ts`.
 */
const table = {
  port: port.prefault("8000").register(details, {
    group: "Listen",
    value: "PORT",
    help: "Where the handler listens; 0 picks a free port. The variable PORT is read as well.",
    otherVariables: ["PORT"],
  }),
  host: host.prefault("0.0.0.0").register(details, {
    group: "Listen",
    value: "HOST",
    help: "The address that the handler listens on.",
  }),
  maxBodySize: size.optional().register(details, {
    group: "Listen",
    value: "SIZE",
    help: "A larger request body gets 413.",
    default: "the handler's maxRequestBodySize, or 100mb",
  }),
  static: list(staticSite).prefault([]).register(details, {
    group: "Listen",
    value: "[/PREFIX/=]DIR",
    help: "Serve the files of a directory, below /static/ unless a prefix is given. What is not " +
      "there goes to the handler.",
    repeatable: true,
  }),
  tlsCert: file.optional().register(details, {
    group: "Listen",
    value: "FILE",
    help: "Serve the handler over TLS with this certificate (PEM, with its chain). Read again on " +
      "SIGHUP. Needs --tls-key.",
    default: "none",
  }),
  tlsKey: file.optional().register(details, {
    group: "Listen",
    value: "FILE",
    help: "The private key of the certificate (PEM). Needs --tls-cert.",
    default: "none",
  }),
  probePort: port.optional().register(details, {
    group: "Probes",
    value: "PORT",
    help: "Where probes and metrics listen; the same as --port: on its listener.",
    default: "port + 1",
    needs: "probe",
  }),
  probeHost: host.optional().register(details, {
    group: "Probes",
    value: "HOST",
    help: "The address that probes and metrics listen on.",
    default: "the host",
    needs: "probe",
  }),
  startupProbe: path.prefault("/startup").register(details, {
    group: "Probes",
    value: "PATH",
    help: "Path of the startup probe: has it started?",
    needs: "probe",
  }),
  readinessProbe: path.prefault("/ready").register(details, {
    group: "Probes",
    value: "PATH",
    help: "Path of the readiness probe: can it serve now?",
    needs: "probe",
  }),
  livenessProbe: path.prefault("/alive").register(details, {
    group: "Probes",
    value: "PATH",
    help: "Path of the liveness probe: must it be restarted?",
    needs: "probe",
  }),
  probe: toggle.prefault(true).register(details, {
    group: "Probes",
    help: "No probes, and so no metrics endpoint.",
    off: { only: true },
  }),
  checkTimeout: timeLimit.prefault("900ms").register(details, {
    group: "Probes",
    value: "DURATION",
    help: "For one of the handler's own checks; a kubelet gives a probe 1 s.",
  }),
  stallTimeout: timeLimit.prefault("30s").register(details, {
    group: "Probes",
    value: "DURATION",
    help: "How long the handler's event loop may stand still before liveness fails.",
  }),
  reqQueueLen: count.prefault("10").register(details, {
    group: "Request queue",
    value: "NUMBER",
    help: "When more requests than this wait for the handler, readiness answers 400.",
  }),
  maxInflight: countAboveZero.optional().register(details, {
    group: "Request queue",
    value: "REQUESTS",
    help: "With so many requests in the handler, a further one gets 503 at once. Several workers " +
      "share it.",
    default: "none",
  }),
  command: list(commandLine).prefault([]).register(details, {
    group: "Commands",
    value: "COMMAND",
    help: "Run before the HTTP server starts, in the order given, without a shell. " +
      "A TypeScript or JavaScript file is run by Hurricane itself.",
    repeatable: true,
  }),
  commandTimeout: timeLimit.optional().register(details, {
    group: "Commands",
    value: "DURATION",
    help: "A command that runs longer has failed.",
    default: "none",
  }),
  webhookUrl: list(httpUrl).prefault([]).register(details, {
    group: "Webhooks",
    value: "URL",
    help: "Where to post changes of the startup, readiness and liveness state.",
    repeatable: true,
    show: redactUrl,
  }),
  webhookSecret: secret.optional().register(details, {
    group: "Webhooks",
    value: "SECRET",
    help: "Sign webhooks as Standard Webhooks define it. Prefer HURRICANE_WEBHOOK_SECRET, for " +
      "command lines can be read by all users of a machine.",
    show: () => undefined,
  }),
  webhookTimeout: timeLimit.prefault("5s").register(details, {
    group: "Webhooks",
    value: "DURATION",
    help: "For one attempt to deliver a webhook.",
  }),
  webhookRetries: count.prefault("5").register(details, {
    group: "Webhooks",
    value: "NUMBER",
    help: "Attempts after the first.",
  }),
  metrics: z.union([z.literal(false), path]).describe(path.description ?? "")
    .prefault("/metrics").register(details, {
      group: "Metrics",
      value: "PATH",
      help: "Path of the Prometheus endpoint.",
      needs: "probe",
      off: { help: "Collect and expose nothing." },
    }),
  workers: workerCount.prefault("1").register(details, {
    group: "Lifecycle",
    value: "NUMBER|auto",
    help: "Processes that run the handler; auto: one for each CPU that it may use.",
  }),
  maxLifetime: countAboveZero.optional().register(details, {
    group: "Lifecycle",
    value: "REQUESTS",
    help: "Replace a worker after about this many requests (a tenth more or less).",
    default: "none",
  }),
  maxMemory: size.optional().register(details, {
    group: "Lifecycle",
    value: "SIZE",
    help: "Replace a worker whose resident memory is above this.",
    default: "none",
  }),
  maxRestarts: count.prefault("5").register(details, {
    group: "Lifecycle",
    value: "NUMBER",
    help: "Crashes within a minute before Hurricane gives up and exits 1.",
  }),
  shutdownDelay: duration.optional().register(details, {
    group: "Lifecycle",
    value: "DURATION",
    help: "After SIGTERM: keep serving this long while readiness says no.",
    default: "5s in Kubernetes, else 0s",
  }),
  shutdownTimeout: duration.prefault("20s").register(details, {
    group: "Lifecycle",
    value: "DURATION",
    help: "Then: time for requests in flight to finish.",
  }),
  autoreload: toggle.prefault(false).register(details, {
    group: "Development",
    help: "Hot reload: serve an edit of the handler, of what it imports or of a .env file at once.",
    aliases: ["watch"],
  }),
  watchPath: list(file).prefault([]).register(details, {
    group: "Development",
    value: "FILE|DIR",
    help: "With --autoreload: reload when this file, or one below this directory, changes, too.",
    repeatable: true,
  }),
  debugger: toggle.prefault(false).register(details, {
    group: "Development",
    help:
      "Open the runtime's inspector on the handler's process, for Chrome DevTools and editors. " +
      "--stall-timeout does not count then.",
  }),
  debuggerPort: port.prefault("6499").register(details, {
    group: "Development",
    value: "PORT",
    help: "Where the inspector listens, on 127.0.0.1; 0 picks a free port.",
  }),
  logLevel: choice("debug", "info", "warn", "error").prefault("info").register(details, {
    group: "Logging",
    value: "LEVEL",
    help: "The least important level that is logged: debug, info, warn or error.",
  }),
  logFormat: choice("auto", "pretty", "json").prefault("auto").register(details, {
    group: "Logging",
    value: "FORMAT",
    help: "pretty, json, or auto: pretty on a terminal, JSON lines elsewhere.",
  }),
  accessLog: toggle.prefault(false).register(details, {
    group: "Logging",
    help: "Log a line for each request.",
  }),
  logProbes: toggle.prefault(false).register(details, {
    group: "Logging",
    help: "Log a line for each probe request.",
  }),
} satisfies Record<keyof ServeInput, z.ZodType>;

/** Reads the values of all options, given or not. Defaults that depend on others are left out. */
export const serveSchema = z.strictObject(table);

/** The options of `hurricane serve` in the order of the help. */
export const serveOptions: Option[] = optionsOf(table);

/** The flags and variables of `hurricane serve`. */
export const serveFlags: Flag[] = flagsOf(serveOptions);
