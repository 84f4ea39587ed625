import { redactBroker } from "../amqp/url.ts";
import { accessLogFields, defaultAccessLogFields } from "../app/access_fields.ts";
import { redactUrl } from "../webhooks/url.ts";
import { type Flag, flagsOf, type Option } from "./option.ts";
import type { ServeInput } from "./serve_input.ts";
import { type Declaration, optionsOf } from "./table.ts";
import {
  brokerUrl,
  choice,
  commandLine,
  count,
  countAboveZero,
  duration,
  fieldList,
  file,
  headSize,
  host,
  httpUrl,
  idleLimit,
  list,
  memoryLimit,
  network,
  path,
  pathOrNone,
  port,
  prefetch,
  secret,
  size,
  staticSite,
  subscription,
  timeLimit,
  toggle,
  version,
  workerCount,
} from "./values.ts";

/**
 * Every option of `hurricane serve`, once. The flag, the variable, the help, the checks and the type
 * `ServiceOptions` follow from it; an option with a default that depends on others is completed in
 * `resolve.ts`.
 */
export const serveTable = {
  port: {
    kind: port,
    initial: "8000",
    group: "Listen",
    value: "PORT",
    short: "p",
    help: "Where the handler listens; 0 picks a free port. The variable PORT is read as well.",
    otherVariables: ["PORT"],
  },
  host: {
    kind: host,
    group: "Listen",
    value: "HOST",
    help: "The address that the handler listens on.",
    default: ":: for IPv6 and IPv4, 0.0.0.0 where there is no IPv6",
  },
  adoptPort: {
    kind: port,
    group: "Listen",
    value: "PORT",
    help: "Of several servers that the handler opens, the one that asks for this port is adopted.",
    default: "the one that asks for the variable PORT, or the first",
  },
  maxBodySize: {
    kind: size,
    group: "Listen",
    value: "SIZE",
    help: "A larger request body gets 413.",
    default: "the handler's maxRequestBodySize, or 100mb",
  },
  maxHeaderSize: {
    kind: headSize,
    group: "Listen",
    value: "SIZE",
    help: "A request whose line and headers are longer gets 431. On Bun and in the executable.",
    default: "16kb; 64kb on Deno",
  },
  idleTimeout: {
    kind: idleLimit,
    group: "Listen",
    value: "DURATION",
    help: "How long an open connection may be idle between requests.",
    default: "the handler's idleTimeout, or 75s; none on Deno",
  },
  static: {
    kind: list(staticSite),
    initial: [],
    group: "Listen",
    value: "[/PREFIX/=]DIR",
    help: "Serve the files of a directory, below /static/ unless a prefix is given. What is not " +
      "there goes to the handler.",
    repeatable: true,
  },
  tlsCert: {
    kind: file,
    group: "Listen",
    value: "FILE",
    help: "Serve the handler over TLS with this certificate (PEM, with its chain). Read again on " +
      "SIGHUP. Needs --tls-key.",
    default: "none",
  },
  tlsKey: {
    kind: file,
    group: "Listen",
    value: "FILE",
    help: "The private key of the certificate (PEM). Needs --tls-cert.",
    default: "none",
  },
  tlsClientCa: {
    kind: file,
    group: "Listen",
    value: "FILE",
    help:
      "Ask clients for a certificate of these authorities (PEM), and refuse others. On Bun and " +
      "in the executable. Needs --tls-cert.",
    default: "none",
  },
  probePort: {
    kind: port,
    group: "Probes",
    value: "PORT",
    help: "Where probes and metrics listen; the same as --port: on its listener.",
    default: "port + 1",
    needs: "probe",
  },
  probeHost: {
    kind: host,
    group: "Probes",
    value: "HOST",
    help: "The address that probes and metrics listen on.",
    default: "the host",
    needs: "probe",
  },
  startupProbe: {
    kind: path,
    initial: "/startup",
    group: "Probes",
    value: "PATH",
    help: "Path of the startup probe: has it started?",
    needs: "probe",
  },
  readinessProbe: {
    kind: path,
    initial: "/ready",
    group: "Probes",
    value: "PATH",
    help: "Path of the readiness probe: can it serve now?",
    needs: "probe",
  },
  livenessProbe: {
    kind: path,
    initial: "/alive",
    group: "Probes",
    value: "PATH",
    help: "Path of the liveness probe: must it be restarted?",
    needs: "probe",
  },
  probe: {
    kind: toggle,
    initial: true,
    group: "Probes",
    help: "No probes, and so no metrics endpoint.",
    off: { only: true },
  },
  checkTimeout: {
    kind: timeLimit,
    initial: "900ms",
    group: "Probes",
    value: "DURATION",
    help: "For one of the handler's own checks; a kubelet gives a probe 1 s.",
  },
  stallTimeout: {
    kind: timeLimit,
    initial: "30s",
    group: "Probes",
    value: "DURATION",
    help: "How long the handler's event loop may stand still before its process is replaced.",
  },
  reqQueueLen: {
    kind: count,
    initial: "100",
    group: "Request queue",
    value: "NUMBER",
    help:
      "When more requests than this are unanswered or wait for the handler, readiness answers " +
      "400. About twice what one pod has in flight at its peak.",
  },
  maxInflight: {
    kind: countAboveZero,
    group: "Request queue",
    value: "REQUESTS",
    help: "With so many requests in the handler, a further one gets 503 at once. Several workers " +
      "share it.",
    default: "none",
  },
  maxWait: {
    kind: timeLimit,
    group: "Request queue",
    value: "DURATION",
    help: "A request that has waited longer than this for the event loop gets 503 at once.",
    default: "none",
  },
  requestTimeout: {
    kind: timeLimit,
    group: "Request queue",
    value: "DURATION",
    help: "A request without an answer after this long gets 504, and no longer counts.",
    default: "none",
  },
  amqpUrl: {
    kind: brokerUrl,
    group: "Messages",
    value: "AMQP-URL",
    help: "Also take messages from RabbitMQ, each as a POST to the handler. Needs --amqp-queue. " +
      "Prefer HURRICANE_AMQP_URL_FILE, the path of a file, or HURRICANE_AMQP_URL.",
    default: "none",
    fromFile: true,
    show: redactBroker,
  },
  amqpQueue: {
    kind: list(subscription),
    initial: [],
    group: "Messages",
    value: "NAME[=/PATH]",
    help:
      "A queue to take messages from, and the path that they are posted to: /NAME unless given.",
    repeatable: true,
  },
  amqpPrefetch: {
    kind: prefetch,
    initial: "10",
    group: "Messages",
    value: "MESSAGES",
    help: "Of each queue, so many messages are in the handler at a time; 1: strictly in order.",
  },
  amqpRetries: {
    kind: count,
    initial: "5",
    group: "Messages",
    value: "NUMBER",
    help: "Tries after the first before a message goes to the queue's dead-letter exchange.",
  },
  command: {
    kind: list(commandLine),
    initial: [],
    group: "Commands",
    value: "COMMAND",
    help: "Run before the HTTP server starts, in the order given, without a shell. " +
      "A TypeScript or JavaScript file is run by Hurricane itself.",
    repeatable: true,
  },
  commandTimeout: {
    kind: timeLimit,
    group: "Commands",
    value: "DURATION",
    help: "A command that runs longer has failed.",
    default: "none",
  },
  webhookUrl: {
    kind: list(httpUrl),
    initial: [],
    group: "Webhooks",
    value: "URL",
    help: "Where to post changes of the startup, readiness and liveness state.",
    repeatable: true,
    fromFile: true,
    show: redactUrl,
  },
  webhookSecret: {
    kind: secret,
    group: "Webhooks",
    value: "SECRET",
    help:
      "Sign webhooks as Standard Webhooks define it. Prefer HURRICANE_WEBHOOK_SECRET_FILE, the " +
      "path of a file, or HURRICANE_WEBHOOK_SECRET: all users of a machine can read command lines.",
    fromFile: true,
    show: () => undefined,
  },
  webhookTimeout: {
    kind: timeLimit,
    initial: "5s",
    group: "Webhooks",
    value: "DURATION",
    help: "For one attempt to deliver a webhook.",
  },
  webhookRetries: {
    kind: count,
    initial: "10",
    group: "Webhooks",
    value: "NUMBER",
    help: "Attempts after the first.",
  },
  appVersion: {
    kind: version,
    group: "Metrics",
    value: "VERSION",
    help:
      "The application's own version: in hurricane_info, in webhooks, and what --version of a " +
      "built executable prints.",
    default: "none",
  },
  statusPage: {
    kind: toggle,
    group: "Metrics",
    help: "A page for people at / of the probes' port, with what is going on, live.",
    default: "with --autoreload",
    needs: "probe",
    off: { help: "No such page, also with --autoreload." },
  },
  metrics: {
    kind: pathOrNone,
    initial: "/metrics",
    group: "Metrics",
    value: "PATH",
    help: "Path of the Prometheus endpoint.",
    needs: "probe",
    off: { help: "Collect and expose nothing." },
  },
  workers: {
    kind: workerCount,
    initial: "1",
    group: "Lifecycle",
    value: "NUMBER|auto",
    help: "Processes that run the handler; auto: one for each CPU that it may use.",
  },
  maxLifetime: {
    kind: countAboveZero,
    group: "Lifecycle",
    value: "REQUESTS",
    help: "Replace a worker after about this many requests (a tenth more or less).",
    default: "none",
  },
  maxMemory: {
    kind: memoryLimit,
    initial: "auto",
    group: "Lifecycle",
    value: "SIZE|auto|none",
    help: "Replace a worker whose resident memory is above this; auto: when it has outgrown its " +
      "share of the container's memory limit.",
  },
  maxRestarts: {
    kind: count,
    initial: "5",
    group: "Lifecycle",
    value: "NUMBER",
    help: "Crashes within a minute before Hurricane gives up and exits 1.",
  },
  shutdownDelay: {
    kind: duration,
    group: "Lifecycle",
    value: "DURATION",
    help: "After SIGTERM: keep serving this long while readiness says no.",
    default: "5s in Kubernetes, else 0s",
  },
  shutdownTimeout: {
    kind: duration,
    initial: "20s",
    group: "Lifecycle",
    value: "DURATION",
    help: "Then: time for requests in flight to finish.",
  },
  autoreload: {
    kind: toggle,
    initial: false,
    group: "Development",
    help: "Hot reload: serve an edit of the handler, of what it imports or of a .env file at once.",
    aliases: ["watch"],
  },
  watchPath: {
    kind: list(file),
    initial: [],
    group: "Development",
    value: "FILE|DIR",
    help: "With --autoreload: reload when this file, or one below this directory, changes, too.",
    repeatable: true,
  },
  debugger: {
    kind: toggle,
    initial: false,
    group: "Development",
    help:
      "Open the runtime's inspector on the handler's process, for Chrome DevTools and editors. " +
      "--stall-timeout does not count then.",
  },
  debuggerPort: {
    kind: port,
    initial: "6499",
    group: "Development",
    value: "PORT",
    help: "Where the inspector listens, on 127.0.0.1; 0 picks a free port.",
  },
  logLevel: {
    kind: choice("debug", "info", "warn", "error"),
    initial: "info",
    group: "Logging",
    value: "LEVEL",
    help: "The least important level that is logged: debug, info, warn or error.",
  },
  logFormat: {
    kind: choice("auto", "pretty", "json"),
    initial: "auto",
    group: "Logging",
    value: "FORMAT",
    help: "pretty, json, or auto: pretty on a terminal, JSON lines elsewhere.",
  },
  accessLog: {
    kind: toggle,
    initial: false,
    group: "Logging",
    help: "Log a line for each request.",
  },
  accessLogFields: {
    kind: fieldList,
    initial: defaultAccessLogFields,
    group: "Logging",
    value: "FIELD,…",
    help: `With --access-log: what a line has, of ${accessLogFields.join(", ")}.`,
  },
  trustedProxy: {
    kind: list(network),
    initial: [],
    group: "Logging",
    value: "ADDRESS",
    help:
      "For access log and spans: believe the X-Forwarded-For or Forwarded of this proxy, or of a " +
      "network of proxies.",
    repeatable: true,
  },
  requestId: {
    kind: toggle,
    initial: false,
    group: "Logging",
    help: "Give each request an X-Request-Id, if it has none: to the handler, and in the answer.",
  },
  logProbes: {
    kind: toggle,
    initial: false,
    group: "Logging",
    help: "Log a line for each probe request.",
  },
  otel: {
    kind: toggle,
    initial: false,
    group: "Logging",
    help: "Send a span for each request to the collector of OTEL_EXPORTER_OTLP_ENDPOINT, " +
      "with those that the handler makes as its children.",
  },
} satisfies Record<keyof ServeInput, Declaration>;

/** The options of `hurricane serve` in the order of the help. */
export const serveOptions: Option[] = optionsOf(serveTable);

/** The flags and variables of `hurricane serve`. */
export const serveFlags: Flag[] = flagsOf(serveOptions);
