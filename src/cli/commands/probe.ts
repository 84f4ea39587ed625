import http from "node:http";
import process from "node:process";
import { messageOf } from "../../errors.ts";
import { writeLines } from "../../log/write.ts";
import { readArguments } from "../../options/arguments.ts";
import { readServe } from "../../options/precedence.ts";
import { serveFlags } from "../../options/serve_table.ts";
import type { ServiceOptions } from "../../options/service_options.ts";
import { quote, UsageError } from "../../options/usage_error.ts";
import type { ProbeType } from "../../webhooks/payload.ts";
import type { Command } from "../command.ts";

/** How long an answer is waited for, in milliseconds: a second longer than a check may take. */
const answerWithin = (options: ServiceOptions): number => options.checkTimeout + 1000;

const paths = {
  startup: "startupProbe",
  readiness: "readinessProbe",
  liveness: "livenessProbe",
} as const satisfies Record<ProbeType, keyof ServiceOptions>;

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
  flags: serveFlags.filter(({ option }) => keys.includes(option.key)),
  variables: true,
  example: "readiness",
  examples: ["", "--probe-port 9000"],
  async run(line, environment, builtin) {
    const { given, positionals } = readArguments(line, this.flags);
    const { options } = readServe(given, environment, builtin?.defaults);
    const [type, ...more] = positionals;
    if (type === undefined || !Object.hasOwn(paths, type) || more.length > 0) {
      const given = positionals.length === 0 ? "nothing" : positionals.map(quote).join(" ");
      throw new UsageError(`probe takes one of startup, readiness and liveness, not ${given}`);
    }
    const path = options[paths[type as ProbeType]];
    const urls = local(options.probeHost).map((host) =>
      `http://${host}:${options.probePort}${path}`
    );
    return await ask(urls, answerWithin(options));
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
    process.stdout.write(text);
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

/** Not by `fetch`, which goes through the proxy of `HTTP_PROXY` even to this machine. */
function get(url: string, timeout: number): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false, timeout }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => text += chunk);
      response.once("end", () => resolve({ status: response.statusCode, text }));
      response.once("error", reject);
    });
    request.once("timeout", () => request.destroy(new TimedOut(`none within ${timeout}ms`)));
    request.once("error", reject);
  });
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
