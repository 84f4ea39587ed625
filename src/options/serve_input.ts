/**
 * The options of a service as a program gives them. What Hurricane makes of them is in
 * `service_options.ts`.
 *
 * This is the published library's type, so it is written out, with a comment for each option, rather
 * than derived from `serve_table.ts`: documentation and type checking of a published library need
 * types that do not have to be inferred. The compiler holds the two together: the table must have
 * exactly these keys, and `resolveOptions` does not compile where it cannot read what is allowed here.
 *
 * @module
 */
import type { LogFormat, LogLevel } from "../log.ts";

/** Milliseconds, or a string with a unit: `500ms`, `5s`, `2m`, `1h`. At most 596 hours. */
export type Duration = number | string;

/** Bytes, or a string: `1048576`, `64kb`, `100mb`, `1gb`. One kb has 1024 bytes. */
export type Size = number | string;

/** The options of `hurricane serve`, for programs. All of them may be left out. */
export interface ServeInput {
  /** Where the handler listens. 0 picks a free port. Default 8000. */
  port?: number | string;
  /**
   * The address that the handler listens on. Default `::`, which takes IPv4 as well, or `0.0.0.0` where
   * there is no IPv6.
   */
  host?: string;
  /**
   * Where probes and metrics listen; the same as `port`: on the same listener. Default `port` + 1,
   * or 0 where `port` is 0.
   */
  probePort?: number | string;
  /** The address that probes and metrics listen on. Default `host`. */
  probeHost?: string;
  /** Path of the startup probe. Default `/startup`. */
  startupProbe?: string;
  /** Path of the readiness probe. Default `/ready`. */
  readinessProbe?: string;
  /** Path of the liveness probe. Default `/alive`. */
  livenessProbe?: string;
  /** `false`: no probes, and so no metrics endpoint. Default `true`. */
  probe?: boolean;
  /**
   * A page for people at `/` of the probes' port, with what is going on, live; at `/status` where the
   * probes share the handler's. Default: with `autoreload`.
   */
  statusPage?: boolean;
  /** Path of the Prometheus endpoint; `false`: collect and expose nothing. Default `/metrics`. */
  metrics?: string | false;
  /** When the request queue is longer than this, readiness says no. Default 100. */
  reqQueueLen?: number | string;
  /**
   * With so many requests in the handler, a further one gets 503 with `Retry-After: 1` at once. Each of
   * several workers has an equal share, rounded up. Default none.
   */
  maxInflight?: number | string;
  /**
   * A request that has waited longer than this for the handler's event loop gets 503 with `Retry-After: 1`
   * at once, and the handler is not asked. Default none.
   */
  maxWait?: Duration;
  /**
   * A request that has no answer after this long gets 504, its `signal` is aborted, and it no longer
   * counts. Default none.
   */
  requestTimeout?: Duration;
  /**
   * The broker to take messages from, such as `amqps://user:password@broker/vhost`. Needs `amqpQueue`. Default
   * none.
   */
  amqpUrl?: string;
  /** Queues to take messages from: `jobs`, posted to `/jobs`, or `jobs=/path`. Default none. */
  amqpQueue?: string | string[];
  /** Of each queue, so many messages are in the handler at a time. Default 10. */
  amqpPrefetch?: number | string;
  /** Tries after the first before a message is rejected. Default 5. */
  amqpRetries?: number | string;
  /** Commands that run, in this order, before the HTTP server starts. Default none. */
  command?: string | string[];
  /** A command that runs longer has failed. Default none. */
  commandTimeout?: Duration;
  /** Where webhooks go. Default nowhere. */
  webhookUrl?: string | string[];
  /** Signs webhooks (Standard Webhooks): `whsec_` and 24 to 64 bytes in base64. */
  webhookSecret?: string;
  /** For one attempt to deliver a webhook. Default `5s`. */
  webhookTimeout?: Duration;
  /** Attempts to deliver a webhook after the first. Default 10. */
  webhookRetries?: number | string;
  /** The application's own version, for `hurricane_info` and webhooks. Default none. */
  appVersion?: string;
  /** For one of the handler's own checks. Default `900ms`: a kubelet gives a probe 1 s. */
  checkTimeout?: Duration;
  /**
   * How long the handler's event loop may stand still before its process is replaced or, where that is
   * this one, liveness fails. Default `30s`. Does not count with `debugger`.
   */
  stallTimeout?: Duration;
  /** Processes that run the handler; `auto`: one for each CPU that it may use. Default 1. */
  workers?: number | string;
  /** Replace a worker after about this many requests, a tenth more or less. Default none. */
  maxLifetime?: number | string;
  /**
   * Replace a worker whose resident memory is above this. Default `auto`: when it has outgrown its share
   * of the container's memory limit, if there is one. `none`: never.
   */
  maxMemory?: Size;
  /** Crashes of the handler within a minute before Hurricane gives up. Default 5. */
  maxRestarts?: number | string;
  /**
   * Of several servers that the handler opens by itself, the one that asks for this port is adopted. Default:
   * the one that asks for the variable `PORT`, or else the first.
   */
  adoptPort?: number;
  /**
   * A larger request body gets 413. Default: the `maxRequestBodySize` of the handler's default
   * export, or else `100mb`.
   */
  maxBodySize?: Size;
  /**
   * A request whose line and headers are longer gets 431: from `1kb` to `1mb`. On Bun alone, and not in
   * {@linkcode serve}, for it counts for all servers of a process. Default `16kb`; on Deno, where it
   * cannot be changed, 64 KB.
   */
  maxHeaderSize?: Size;
  /**
   * How long an open connection may be idle between requests, from `1s` to `4m`. On Deno only
   * on Linux, and only where it is given. Default on Bun: the `idleTimeout` of the handler's default export, or
   * else `75s`.
   */
  idleTimeout?: Duration;
  /**
   * Directories whose files are served before the handler: `dir` below `/static/`, or `/prefix/=dir`. A
   * relative one is looked for from the working directory. What is not there goes to the handler.
   * Default none.
   */
  static?: string | string[];
  /** Serve the handler over TLS with this certificate file (PEM, with its chain). Default none. */
  tlsCert?: string;
  /** The file of the certificate's private key (PEM). Default none. */
  tlsKey?: string;
  /**
   * The authorities (PEM) whose certificates clients must have. On Bun alone, and with `tlsCert`. Default
   * none: clients are not asked.
   */
  tlsClientCa?: string;
  /**
   * How long requests are still taken after SIGTERM, while readiness says no. Default `5s` in
   * Kubernetes, where endpoints are removed with a delay, and else 0.
   */
  shutdownDelay?: Duration;
  /** How long requests in flight may take to finish after that. Default `20s`. */
  shutdownTimeout?: Duration;
  /** Hot reload: serve an edit of the handler, of what it imports or of a `.env` file at once. */
  autoreload?: boolean;
  /** With `autoreload`: files, and directories of files, whose change reloads, too. Default none. */
  watchPath?: string | string[];
  /**
   * Open the runtime's inspector on the handler's process. For the command line: in the calling
   * process, the handler is debugged with that program. Default `false`.
   */
  debugger?: boolean;
  /** Where the inspector listens, on 127.0.0.1. 0 picks a free port. Default 6499. */
  debuggerPort?: number | string;
  /** The least important level that is logged. Default `info`. */
  logLevel?: LogLevel;
  /** The form of a log line. Default `auto`: readable on a terminal, JSON elsewhere. */
  logFormat?: LogFormat;
  /** Log a line for each request. Default `false`. */
  accessLog?: boolean;
  /**
   * With `accessLog`: what a line has, separated by commas. Default
   * `method,path,status,duration,client`; there are also `request_id`, `trace_id`, `user_agent`,
   * `referer`, `host`, `protocol` and `bytes`.
   */
  accessLogFields?: string;
  /**
   * With `accessLog`: addresses, or networks (`10.0.0.0/8`), of proxies whose `X-Forwarded-For` or `Forwarded`
   * is believed. Default none.
   */
  trustedProxy?: string | string[];
  /**
   * Give each request an `X-Request-Id`, if it has none that can be used: the handler finds it there, and
   * the client in the answer. Default `false`.
   */
  requestId?: boolean;
  /** Log a line for each probe request. Default `false`. */
  logProbes?: boolean;
  /**
   * Send spans to an OpenTelemetry collector, as the variables `OTEL_…` say. For the command line: in the
   * calling process, traces are that program's own. Default `false`.
   */
  otel?: boolean;
}
