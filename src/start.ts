import process from "node:process";
import { pathToFileURL } from "node:url";
import type { BuiltinHandler } from "./app/handler.ts";
import { appVariable } from "./app/options.ts";
import { runtime } from "./runtime/mod.ts";
import { isPlainServe } from "./plain_serve.ts";
import { prepareApp } from "./supervisor/process/app_spawn.ts";
import { catchSignals } from "./supervisor/signals.ts";
import { scriptVariable } from "./runtime/runtime.ts";

/**
 * What this process is for: the handler's process, a script of a `--command`, or the command line.
 *
 * The variables that say so are removed, lest a program that the handler starts takes them for its
 * own. Each role loads only what it needs.
 */
export async function start(builtin?: BuiltinHandler): Promise<void> {
  const config = take(appVariable);
  if (config !== undefined) {
    const { runAppProcess } = await import("./app/process.ts");
    return await runAppProcess(config, builtin);
  }
  const script = take(scriptVariable);
  if (script !== undefined) return void await import(pathToFileURL(script).href);
  catchSignals();
  const argv = process.argv.slice(2);
  if (runtime.name === "bun" && isPlainServe(argv, process.env, builtin)) prepareApp();
  const { run } = await import("./cli/main.ts");
  const code = await run(argv, builtin);
  process.stdout.write("", () => process.exit(code));
}

function take(variable: string): string | undefined {
  const value = process.env[variable];
  delete process.env[variable];
  return value;
}
