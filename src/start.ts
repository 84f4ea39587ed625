import process from "node:process";
import { pathToFileURL } from "node:url";
import { pumpVariable } from "./amqp/pump_variable.ts";
import type { BuiltinHandler } from "./app/handler.ts";
import { commandNames } from "./cli/command.ts";
import { appVariable } from "./app/options.ts";
import type { Parts } from "./parts.ts";
import { isPlainServe, likelyHandler } from "./plain_serve.ts";
import { prepareApp } from "./supervisor/process/app_spawn.ts";
import { catchSignals } from "./early_signals.ts";
import { program } from "./runtime/program.ts";
import { handlerVariable, scriptVariable } from "./runtime/variables.ts";

/**
 * What this process is for: the handler's process, a script of a `--command` or of the handler, or
 * the command line.
 *
 * The variables that say so are removed, lest a program that the handler starts takes them for its
 * own. Each role loads only what it needs.
 */
export async function start(parts: Parts, builtin?: BuiltinHandler): Promise<void> {
  const lacking = program.lacking();
  if (lacking !== undefined) {
    say(lacking);
    process.exit(2);
  }
  const app = take(appVariable);
  const config = app === undefined ? undefined : configFor(app);
  if (config !== undefined) {
    const { runAppProcess } = await parts.app();
    return await runAppProcess(config, builtin);
  }
  const pump = take(pumpVariable);
  if (pump === String(process.ppid) && process.connected === true) {
    const { runPumpProcess } = await parts.pump();
    return await runPumpProcess();
  }
  const script = take(scriptVariable);
  if (script !== undefined) return void await import(pathToFileURL(script).href);
  const argv = process.argv.slice(2);
  const ofHandler = take(handlerVariable) !== undefined || app !== undefined || process.connected;
  if (ofHandler && await isForRuntime(argv, builtin)) {
    // Late, as is all that a service does not need before the handler's process is on its way.
    const { runtime } = await import(
      "./runtime/mod.ts" as string
    ) as typeof import("./runtime/mod.ts");
    runtime.become(argv, [appVariable]);
  }
  if (app !== undefined) {
    say(
      `${appVariable} is set, but no supervisor has started this process: leave that ` +
        "variable away (Bun.spawn passes it on where no env is given; give env: process.env)",
    );
    process.exit(1);
  }
  catchSignals();
  if (isPlainServe(argv, process.env, builtin)) prepareApp(likelyHandler(argv, builtin));
  const { run } = await parts.cli();
  const code = await run(argv, builtin);
  process.stdout.write("", () => process.exit(code));
}

/** Not by what writes the log: it is not loaded yet, and where permissions lack it could not be. */
function say(sentence: string): void {
  console.error(`hurricane: ${sentence}`);
}

/** The configuration in {@linkcode appVariable}, if it is for this process. */
function configFor(value: string): string | undefined {
  const space = value.indexOf(" ");
  const isFor = process.connected === true && value.slice(0, space) === String(process.ppid);
  return isFor ? value.slice(space + 1) : undefined;
}

/**
 * Does a handler that starts its own program (`process.execPath`) mean the runtime in it? So it does
 * with `fork`, and with most pools of processes.
 */
async function isForRuntime(
  argv: readonly string[],
  builtin?: BuiltinHandler,
): Promise<boolean> {
  const [first = ""] = argv;
  if (["-e", "--eval", "-p", "--print"].includes(first)) return true;
  // What names a command is a command line, also where a file's name stands before it.
  if (argv.some((word) => (commandNames as readonly string[]).includes(word))) return false;
  // What follows flags may be the value of one, for a program that serves without a command.
  const file = builtin === undefined ? argv.find((word) => !word.startsWith("-")) ?? "" : first;
  if (!/\.[cm]?[jt]sx?$/.test(file)) return false;
  const { statSync } = await import("node:fs");
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

function take(variable: string): string | undefined {
  const value = process.env[variable];
  delete process.env[variable];
  return value;
}
