import http from "node:http";
import process from "node:process";
import { messageOf } from "../../errors.ts";
import { writeLines } from "../../log/write.ts";
import { readArguments } from "../../options/arguments.ts";
import { configFlag, readConfig } from "../../options/config_file.ts";
import { flagsOf } from "../../options/option.ts";
import { readServe } from "../../options/precedence.ts";
import { serveFlags } from "../../options/serve_table.ts";
import { type Declaration, optionsOf, readValues } from "../../options/table.ts";
import { quote, UsageError } from "../../options/usage_error.ts";
import { timeLimit } from "../../options/values.ts";
import { visible } from "../../plain_text.ts";
import type { ProbeType } from "../../webhooks/payload.ts";
import type { Command } from "../command.ts";

/** The longest answer that is read, in bytes: whatever listens there may never come to an end. */
const longestAnswer = 64 * 1024;

const table = {
  timeout: {
    kind: timeLimit,
    group: "Probe",
    value: "DURATION",
    help: "How long the whole answer may take. No variable stands for it.",
    default: "5s, or a second more than --check-timeout where that is longer",
  },
} satisfies Record<string, Declaration>;

const ownFlags = flagsOf(optionsOf(table));

const paths = {
  startup: "startupProbe",
  readiness: "readinessProbe",
  liveness: "livenessProbe",
} as const satisfies Record<ProbeType, keyof ReturnType<typeof readServe>["options"]>;

/** The flags of `serve` that tell where its probes are. */
const keys = [
  "port",
  "host",
  "probePort",
  "probeHost",
  "startupProbe",
  "readinessProbe",
  "livenessProbe",
  "checkTimeout",
];

/** `hurricane probe <startup|readiness|liveness>` */
export const probeCommand: Command = {
  name: "probe",
  positionals: "<startup|readiness|liveness>",
  summary: "Ask a running Hurricane, print its answer, and exit 0 or 1",
  flags: [
    ...serveFlags.filter(({ option }) => keys.includes(option.key)),
    configFlag,
    ...ownFlags,
  ],
  texts: {
    port:
      "The port of the service that is asked; its probes listen on the one after it by default.",
    host: "The address that the service listens on; :: and 0.0.0.0 are asked on this machine.",
    probePort: "Where its probes listen.",
    probeHost: "The address that its probes listen on.",
    startupProbe: "The path of its startup probe.",
    readinessProbe: "The path of its readiness probe.",
    livenessProbe: "The path of its liveness probe.",
    config: "The file with its options.",
    checkTimeout: "How long its checks may take; it is waited for a second longer.",
  },
  variables: true,
  note: "Give what the service was started with. In its container, its variables say that already.",
  example: "readiness",
  examples: ["", "--probe-port 9000"],
  async run(line, environment, builtin) {
    const { given, positionals } = readArguments(line, this.flags);
    const file = await readConfig(line, environment);
    const { options } = readServe(given, environment, builtin?.defaults, [], file);
    const [type, ...more] = positionals;
    if (type === undefined || !Object.hasOwn(paths, type) || more.length > 0) {
      const given = positionals.length === 0 ? "nothing" : positionals.map(quote).join(" ");
      throw new UsageError(`probe takes one of startup, readiness and liveness, not ${given}`);
    }
    const own = [...given].filter(([flag]) => ownFlags.includes(flag));
    const { timeout } = readValues(
      table,
      new Map(own.map(([{ option }, value]) => [option.key, value])),
    );
    const path = options[paths[type as ProbeType]];
    const urls = local(options.probeHost).map((host) =>
      `http://${host}:${options.probePort}${path}`
    );
    return await ask(urls, timeout ?? Math.max(5000, options.checkTimeout + 1000));
  },
};

/** Somebody listens there, and does not answer. */
class TimedOut extends Error {
  override name = "TimedOut";
}

/** Asks at the first URL where somebody listens. */
async function ask([url = "", ...others]: string[], timeout: number): Promise<number> {
  try {
    const { status, text } = await get(url, timeout);
    process.stdout.write(visible(text));
    return status === 200 ? 0 : 1;
  } catch (error) {
    if (others.length > 0 && !(error instanceof TimedOut)) return await ask(others, timeout);
    const reason = messageOf(error) || "no connection";
    writeLines(
      `hurricane: no answer from ${url}: ${reason} (--probe-port and --probe-host say where)\n`,
    );
    return 1;
  }
}

/**
 * Not by `fetch`, which goes through the proxy of `HTTP_PROXY` even to this machine.
 *
 * @param timeout from the connection to the last byte, in milliseconds: one that drips is none, too
 */
async function get(
  url: string,
  timeout: number,
): Promise<{ status: number | undefined; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<
    { status: number | undefined; text: string }
  >();
  const request = http.get(url, { agent: false }, (response) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    response.on("data", (chunk: Uint8Array) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > longestAnswer) reject(new Error(`it is longer than ${longestAnswer} bytes`));
    });
    response.once("end", () => {
      resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() });
    });
    response.once("error", reject);
  });
  request.once("error", reject);
  const timer = setTimeout(
    () => reject(new TimedOut(`it is not complete after ${timeout}ms (--timeout)`)),
    timeout,
  );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    request.destroy();
  }
}

/**
 * Addresses that can be connected to: the wildcard ones mean this machine. Of the two that `::` means,
 * either may be missing: an interface can be without IPv6, and a listener without IPv4.
 */
function local(host: string): string[] {
  if (host === "0.0.0.0") return ["127.0.0.1"];
  if (host === "::") return ["[::1]", "127.0.0.1"];
  return [host.includes(":") ? `[${host}]` : host];
}
