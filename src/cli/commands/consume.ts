import { anyHost, loopback } from "../../options/any_host.ts";
import { readConfig, serviceFlags } from "../../options/config_file.ts";
import { requireTlsFiles } from "../../options/files.ts";
import { requireHeadLimit } from "../../options/head_size.ts";
import { sharesPort } from "../../options/ports.ts";
import type { ServiceOptions } from "../../options/service_options.ts";
import { quote, UsageError } from "../../options/usage_error.ts";
import type { Command } from "../command.ts";
import { parseServe } from "./serve_parse.ts";

/** What `consume` has as its defaults, before those of Hurricane. */
export function consumeDefaults(): string[] {
  return ["--host", loopback, "--probe-host", anyHost()];
}

/** `hurricane consume <handler>`: `serve` for messages, without a port that others reach. */
export const consumeCommand: Command = {
  name: "consume",
  positionals: "<handler>",
  takesHandler: true,
  serves: true,
  summary: "Serve a handler with messages from RabbitMQ alone: it listens on 127.0.0.1",
  flags: serviceFlags,
  variables: true,
  note: `--host is ${loopback} here, and --probe-host what --host is for serve.`,
  example: "./handler.ts",
  examples: [
    "--amqp-url amqp://broker --amqp-queue jobs",
    "--amqp-url amqp://broker --amqp-queue jobs=/work --amqp-prefetch 1",
  ],
  async run(line, environment, builtin) {
    const as = { command: "consume", defaults: consumeDefaults() };
    const file = await readConfig(line, environment);
    const { warnings, ...invocation } = parseServe(line, environment, builtin, as, file);
    requireMessagesAlone(invocation.options);
    warnings.push(...requireTlsFiles(invocation.options));
    requireHeadLimit(invocation.options);
    // Late, so that errors do not wait for what a service needs.
    const { runService } = await import("../run_service.ts");
    return await runService({ ...invocation, warnings }, builtin);
  },
};

/**
 * Refuses what others could reach, or what nothing would come to.
 *
 * @throws {UsageError}
 */
export function requireMessagesAlone(options: ServiceOptions): void {
  if (options.amqpUrl === undefined) {
    throw new UsageError("consume needs --amqp-url, the broker, and --amqp-queue");
  }
  if (options.host !== loopback) {
    throw new UsageError(
      `consume listens on ${loopback} alone, and the host is ${
        quote(options.host)
      }: leave it away, ` +
        "or use serve",
    );
  }
  if (options.probe && sharesPort(options)) {
    throw new UsageError(
      `consume listens on ${loopback}, where no kubelet could reach the probes: give them a ` +
        `--probe-port of their own, not ${options.port}`,
    );
  }
}
