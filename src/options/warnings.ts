import type { Given } from "./given.ts";
import type { Environment } from "./option.ts";
import { sharesPort } from "./ports.ts";
import type { ServiceOptions } from "./service_options.ts";

/**
 * What is allowed, and is probably not what the user wants: one line each, for the log.
 *
 * @param given Where the options come from, by their keys.
 * @param environment Tells whether this is Kubernetes.
 */
export function warningsAbout(
  options: ServiceOptions,
  given: ReadonlyMap<string, Given>,
  environment: Environment,
): string[] {
  return [
    ...withoutEffect(options, given),
    ...unheededHost(options, given),
    ...openDebugger(options, environment),
  ];
}

/** An image may set them for whoever develops with it, so they are no error. */
function withoutEffect(options: ServiceOptions, given: ReadonlyMap<string, Given>): string[] {
  const pairs = [
    ["watchPath", "autoreload", "--autoreload"],
    ["debuggerPort", "debugger", "--debugger"],
    ["accessLogFields", "accessLog", "--access-log"],
    ["trustedProxy", "accessLog", "--access-log or --otel"],
    ["amqpQueue", "amqpUrl", "--amqp-url"],
  ] as const;
  return pairs.flatMap(([key, needed, flag]) => {
    const name = given.get(key)?.name;
    const has = options[needed] || (key === "trustedProxy" && options.otel);
    return name === undefined || has ? [] : [`${name} means nothing without ${flag}`];
  });
}

/** Whoever gives the probes an address of their own may mean to hide them. */
function unheededHost(options: ServiceOptions, given: ReadonlyMap<string, Given>): string[] {
  const { host, probeHost } = options;
  const name = given.get("probeHost")?.name;
  if (name === undefined || probeHost === host || !sharesPort(options)) return [];
  return [
    `${name} means nothing without a --probe-port of its own: the probes listen where the handler does, ` +
    `on ${host}`,
  ];
}

function openDebugger(options: ServiceOptions, environment: Environment): string[] {
  if (!options.debugger || !environment["KUBERNETES_SERVICE_HOST"]) return [];
  return [
    "the debugger is on in Kubernetes: with kubectl port-forward one can run any code in the " +
    "handler, and while it is at a breakpoint it serves nobody, though liveness does not fail",
  ];
}
