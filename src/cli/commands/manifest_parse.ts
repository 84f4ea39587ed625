import type { BuiltinHandler } from "../../app/handler.ts";
import { nameOf } from "../../manifest/image.ts";
import type { ManifestOptions, SecretOption } from "../../manifest/options.ts";
import { milliCpus } from "../../manifest/quantity.ts";
import { whyTooLittle } from "../../manifest/resources.ts";
import { longestScaledName } from "../../manifest/scaled_object.ts";
import { whyNoSecret } from "../../manifest/tls.ts";
import { type CommandLine, readArguments } from "../../options/arguments.ts";
import { configFlag } from "../../options/config_file.ts";
import type { Given } from "../../options/given.ts";
import type { Flag, Option } from "../../options/option.ts";
import { ourName } from "../../options/other_names.ts";
import { sharesPort } from "../../options/ports.ts";
import { readServe, type ServeReading } from "../../options/precedence.ts";
import { serveFlags } from "../../options/serve_table.ts";
import type { ServiceOptions } from "../../options/service_options.ts";
import { readValues, type Values } from "../../options/table.ts";
import { quote, UsageError } from "../../options/usage_error.ts";
import { noHandlerFile } from "../handler_file.ts";
import { manifestFlags, manifestTable } from "./manifest_table.ts";
import { consumeDefaults, requireMessagesAlone } from "./consume.ts";
import { type HeldOptions, readVariables, withHeld } from "./manifest_variables.ts";
import { resourceName } from "./manifest_values.ts";

/** A pod is in Kubernetes wherever its manifest is made, and defaults depend on that. */
const inKubernetes = { KUBERNETES_SERVICE_HOST: "kubernetes.default.svc" };

type OwnOptions = Values<typeof manifestTable>;

const allFlags = [...manifestFlags, ...serveFlags];

/**
 * Reads what follows `hurricane manifest`. Variables do not count: what holds for this machine must
 * not get into a manifest unseen.
 *
 * @param line The command line without the command.
 * @param builtin The handler that is part of the program, if one is: an image of it needs neither
 * `serve` nor a handler, and has its defaults.
 * @throws {UsageError} Anything that is wrong.
 */
export function parseManifest(
  line: CommandLine,
  builtin?: Pick<BuiltinHandler, "name" | "defaults">,
): ManifestOptions & { kustomize?: string } {
  const { given: typed, positionals } = readArguments(line, allFlags, hintAtConfig);
  const given = new Map(
    [...typed].filter(([flag]) => manifestFlags.includes(flag))
      .map(([{ option }, value]) => [option.key, value]),
  );
  const own = readValues(manifestTable, given);
  const variables = readVariables(own);
  const flags = withHeld(typed, variables.held);
  const { read, consumes } = readService(flags, own, builtin);
  const service = { ...read.options, workers: workersOf(read, own) };
  const { image } = own;
  if (image === undefined) {
    throw new UsageError(
      "no image is given, as in: hurricane manifest --image registry.example/web",
    );
  }
  if (consumes) requireMessagesAlone(service);
  requireReachable(service, consumes);
  requireMountable(service);
  requireMetrics(service, own);
  requireBroker(service);
  requirePortOfTheirOwn(service, own);
  requireUse(given, own);
  requireRoute(own);
  requireEnough(service, own);
  const name = own.name ?? nameFrom(image);
  if (own.autoscale !== undefined && name.length > longestScaledName) {
    throw new UsageError(
      `with --autoscale, the name ${quote(name)} can have ${longestScaledName} characters: ` +
        "Kubernetes cuts longer ones in the names of pods; give --name",
    );
  }
  return {
    ...own,
    image,
    name,
    startupTimeout: own.startupTimeout ?? defaultStartupTimeout(service),
    service,
    args: [...words(consumes, positionals, builtin), ...serveArguments(flags)],
    env: variables.env,
    secretEnv: variables.secretEnv,
    secrets: secretOptions(flags, variables.held, name),
  };
}

/** What a file says on this machine, it may not say in the image. */
function hintAtConfig(name: string): string {
  return name === configFlag.flag
    ? `; ${name} is for serve and consume, and a manifest has to fit the options: give those`
    : ourName(name);
}

/** Where nobody calls the pods and messages come, the handler need not listen to others: `consume` is run. */
function readService(
  flags: ReadonlyMap<Flag, Given>,
  { noService }: OwnOptions,
  builtin?: Pick<BuiltinHandler, "defaults">,
): { read: ServeReading; consumes: boolean } {
  const read = readServe(flags, inKubernetes, builtin?.defaults);
  if (!noService || read.options.amqpUrl === undefined) return { read, consumes: false };
  const consuming = readServe(flags, inKubernetes, builtin?.defaults, consumeDefaults());
  return { read: consuming, consumes: true };
}

/** `auto` is not for this machine to say, but for the CPUs that a pod may use. */
function workersOf({ options, given }: ServeReading, { cpuLimit }: OwnOptions): number {
  if (String(given.get("workers")?.value).toLowerCase() !== "auto") return options.workers;
  if (cpuLimit !== undefined) return Math.ceil((milliCpus(cpuLimit) ?? 0) / 1000);
  throw new UsageError(
    "without a limit, --workers auto is one for each CPU of the node, and nobody knows how much " +
      "memory they need: give --cpu-limit, or a number of --workers",
  );
}

/**
 * `serve ./handler.ts`, or `consume`. Without a handler the image holds a program with a built-in one, which
 * serves where nothing is said.
 */
function words(consumes: boolean, positionals: string[], builtin?: { name: string }): string[] {
  if (builtin !== undefined) noHandlerFile(positionals, builtin.name);
  const [handler, ...more] = positionals;
  if (handler === undefined) return consumes ? ["consume"] : [];
  if (handler === "" || more.length > 0) {
    throw new UsageError(
      `the handler must be one path in the image, not ${positionals.map(quote).join(" ")}`,
    );
  }
  return [consumes ? "consume" : "serve", handler];
}

/** The options of `serve` as they were given, but for those that a Secret holds. */
function serveArguments(flags: ReadonlyMap<Flag, Given>): string[] {
  return serveGiven(flags).filter(({ flag, values }) => !isSecret(flag.option, values))
    .flatMap(({ flag, values }) =>
      values.map((value) =>
        !flag.takesValue && value === "true" ? flag.flag : `${flag.flag}=${value}`
      )
    );
}

/** They are in the Secret that was named for them, or in one that is called as everything is. */
function secretOptions(
  flags: ReadonlyMap<Flag, Given>,
  held: HeldOptions,
  secret: string,
): SecretOption[] {
  return serveGiven(flags).filter(({ flag, values }) => isSecret(flag.option, values))
    .map(({ flag }) => ({
      ...(held.get(flag) ?? { name: flag.variable, secret, key: flag.flag.slice(2) }),
      option: flag.option.key,
      example: flag.option.value ?? "",
    }));
}

function serveGiven(flags: ReadonlyMap<Flag, Given>): { flag: Flag; values: string[] }[] {
  return [...flags].filter(([flag]) => serveFlags.includes(flag))
    .map(([flag, { value }]) => ({ flag, values: [value].flat().map(String) }));
}

/** Is there anything in it that not even an error may show? */
function isSecret({ show }: Option, values: string[]): boolean {
  return show !== undefined && values.some((value) => show(value)?.includes("***") ?? true);
}

/** The image's name may have what no Service can be called: a digit at the beginning. */
function nameFrom(image: string): string {
  const name = resourceName.safeParse(nameOf(image));
  if (name.success) return name.data;
  throw new UsageError(
    `${quote(nameOf(image))}, after the image, cannot be the name of a Service: give --name`,
  );
}

function defaultStartupTimeout({ command, commandTimeout = 0 }: ServiceOptions): number {
  return Math.max(5 * 60_000, command.length * commandTimeout + 60_000);
}

/** Everything in a cluster finds a pod by its address and fixed ports. */
function requireReachable(
  { probe, port, probePort, host, probeHost }: ServiceOptions,
  consumes: boolean,
): void {
  const ports: [string, number][] = [["--port", port]];
  if (probe) ports.push(["--probe-port", probePort]);
  for (const [flag, number] of ports) {
    if (number === 0) {
      throw new UsageError(`${flag} cannot be 0 in a manifest, where the port must be known`);
    }
  }
  const hosts = [...(consumes ? [] : [["--host", host]]), ["--probe-host", probeHost]];
  for (const [flag, address] of hosts) {
    if (address === "0.0.0.0" || address === "::") continue;
    throw new UsageError(
      `${flag} ${quote(address)} cannot be reached in a pod, whose address nobody knows before: ` +
        "give 0.0.0.0 or ::",
    );
  }
}

function requireMountable(service: ServiceOptions): void {
  const obstacle = whyNoSecret(service);
  if (obstacle !== undefined) {
    const names = service.tlsClientCa === undefined
      ? "--tls-cert and --tls-key"
      : "--tls-cert, --tls-key and --tls-client-ca";
    throw new UsageError(`in a manifest, ${names} ${obstacle}`);
  }
}

function requireMetrics({ metrics }: ServiceOptions, own: OwnOptions): void {
  const given = own.autoscale !== undefined
    ? "--autoscale"
    : own.monitor
    ? "--monitor"
    : own.dashboard
    ? "--dashboard"
    : undefined;
  if (metrics !== false || given === undefined) return;
  throw new UsageError(
    `--no-probe and ${given} contradict each other: without probes there are no metrics`,
  );
}

/** `serve` warns, for a variable may be missing on purpose; such a pod would be ready, and take nothing. */
function requireBroker({ amqpUrl, amqpQueue }: ServiceOptions): void {
  if (amqpUrl !== undefined || amqpQueue.length === 0) return;
  throw new UsageError(
    "--amqp-queue means nothing without the broker: give --amqp-url, or " +
      "--secret-env HURRICANE_AMQP_URL=SECRET/KEY",
  );
}

function requireEnough(service: ServiceOptions, own: OwnOptions): void {
  const { cpu, cpuLimit, memory } = own;
  if ((milliCpus(cpu ?? "") ?? 0) > (milliCpus(cpuLimit ?? "") ?? Infinity)) {
    throw new UsageError(
      `--cpu ${quote(cpu)} is more than --cpu-limit ${
        quote(cpuLimit)
      }: a pod cannot ask for more ` +
        "than it may use",
    );
  }
  const tooLittle = whyTooLittle({ ...own, service });
  if (tooLittle === undefined) return;
  throw new UsageError(`--memory ${quote(memory)} is too little for --max-memory: ${tooLittle}`);
}

function requirePortOfTheirOwn(service: ServiceOptions, { networkPolicy }: OwnOptions): void {
  if (!networkPolicy) return;
  if (!service.probe) {
    throw new UsageError("--no-probe and --network-policy contradict each other: give one of them");
  }
  if (sharesPort(service)) {
    throw new UsageError(
      `--network-policy cannot tell probes from requests, which are both on port ${service.port}: ` +
        "give the probes a --probe-port of their own",
    );
  }
}

function requireRoute({ route, gateway, ingress, noService }: OwnOptions): void {
  if (ingress !== undefined && noService) {
    throw new UsageError("--no-service and --ingress contradict each other: give one of them");
  }
  if (route === undefined) {
    if (gateway !== undefined) throw new UsageError("--gateway means nothing without --route");
    return;
  }
  if (noService) {
    throw new UsageError("--no-service and --route contradict each other: give one of them");
  }
  if (gateway === undefined) {
    throw new UsageError(
      "--route needs the Gateway that it is attached to: give --gateway, as in --gateway infra/public",
    );
  }
}

function requireUse(given: ReadonlyMap<string, Given>, own: OwnOptions): void {
  if (given.has("autoscale") && given.has("replicas")) {
    throw new UsageError("--replicas and --autoscale contradict each other: give one of them");
  }
  if (given.has("prometheusUrl") && !given.has("autoscale")) {
    throw new UsageError("--prometheus-url means nothing without --autoscale");
  }
  if (given.has("monitorLabel") && !own.monitor) {
    throw new UsageError("--monitor-label means nothing without --monitor");
  }
  if (given.has("prometheusNamespace") && !own.networkPolicy) {
    throw new UsageError("--prometheus-namespace means nothing without --network-policy");
  }
}
