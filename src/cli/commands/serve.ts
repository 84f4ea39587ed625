import { readConfig, serviceFlags } from "../../options/config_file.ts";
import { requireTlsFiles } from "../../options/files.ts";
import { requireHeadLimit } from "../../options/head_size.ts";
import { requireTracing } from "../../options/otel.ts";
import type { Command } from "../command.ts";
import { parseServe } from "./serve_parse.ts";

/** `hurricane serve <handler>` */
export const serveCommand: Command = {
  name: "serve",
  positionals: "<handler>",
  takesHandler: true,
  serves: true,
  summary: "Serve a fetch handler or any HTTP server, with probes, metrics and graceful shutdown",
  flags: serviceFlags,
  variables: true,
  example: "./handler.ts",
  examples: [
    "",
    '--command "./migrate.ts" --webhook-url http://ops/hook',
    "--port 80 --probe-port 9000 --shutdown-timeout 1m",
  ],
  async run(line, environment, builtin) {
    const file = await readConfig(line, environment);
    const { warnings, ...invocation } = parseServe(line, environment, builtin, undefined, file);
    requireTracing(invocation.options, environment);
    warnings.push(...requireTlsFiles(invocation.options));
    requireHeadLimit(invocation.options);
    // Late, so that help and errors do not wait for what a service needs.
    const { runService } = await import(
      "../run_service.ts" as string
    ) as typeof import("../run_service.ts");
    return await runService({ ...invocation, warnings }, builtin);
  },
};
