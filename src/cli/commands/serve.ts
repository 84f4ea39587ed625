import type { Command } from "../command.ts";
import { serveFlags } from "../../options/serve_table.ts";
import { parseServe } from "../parse.ts";
import { requireTlsFiles } from "../../options/tls_files.ts";

/** `hurricane serve <handler>` */
export const serveCommand: Command = {
  name: "serve",
  positionals: "<handler>",
  takesHandler: true,
  summary: "Serve a fetch handler, with probes, metrics, webhooks and a graceful shutdown",
  flags: serveFlags,
  variables: true,
  example: "./handler.ts",
  examples: [
    "",
    '--command "./migrate.ts" --webhook-url http://ops/hook',
    "--port 80 --probe-port 9000 --shutdown-timeout 1m",
  ],
  implied: true,
  async run(argv, environment, builtin) {
    const { warnings, ...invocation } = parseServe(argv, environment, builtin);
    warnings.push(...requireTlsFiles(invocation.options));
    // Late, so that help and errors do not wait for what a service needs.
    const { serve } = await import("./serve_service.ts");
    return await serve({ ...invocation, warnings }, builtin);
  },
};
