/**
 * A process that runs one command, for what only a whole process can show.
 *
 * `driver.ts exit COMMAND` exits when it reads something; `driver.ts end COMMAND` ends by itself.
 */
import process from "node:process";
import { runCommand } from "../../src/commands/run.ts";
import { configureLog } from "../../src/log.ts";
import { runtime } from "../../src/runtime/mod.ts";

const [mode, command = ""] = process.argv.slice(2);
configureLog({ logLevel: "info", logFormat: "json" });
if (mode === "exit") process.stdin.once("data", () => process.exit(7));
await runCommand(command, {
  signal: new AbortController().signal,
  script: (file) => runtime.script(file),
});
