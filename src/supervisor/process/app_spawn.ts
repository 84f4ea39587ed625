import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { type AppConfig, appVariable } from "../../app/options.ts";
import { runtime } from "../../runtime/mod.ts";
import { inheritedEnvironment } from "./environment.ts";

/** Variables for the supervisor alone: the handler and the commands need neither secret nor credentials. */
export const ownVariables = [
  "HURRICANE_WEBHOOK_SECRET",
  "HURRICANE_WEBHOOK_URL",
  "HURRICANE_AMQP_URL",
] as const;

/**
 * What stands in their place for all others. Bun takes from `.env` in each process anew what is not in
 * its environment, but leaves alone what is there and empty.
 */
const withheld = Object.fromEntries(ownVariables.map((name) => [name, ""]));

/** Withholds them from whatever this process starts from now on. */
export function withholdOwnVariables(): void {
  Object.assign(process.env, withheld);
}

/** A process that was started before it was known what it is to serve. */
let prepared: ChildProcess | undefined;

/**
 * Starts an app process that waits to be told its configuration, and that the next {@linkcode spawnApp}
 * takes. The process of the handler starts while this one still reads its options, so that a start
 * takes little longer than the longer one of the two.
 *
 * Only on Bun: Deno's arguments follow from the handler's project.
 */
export function prepareApp(): void {
  const child = start(undefined, false, "");
  // Whatever is wrong with it is seen again where it matters, of the process that takes its place.
  child.once("error", discardPrepared);
  child.once("exit", discardPrepared);
  process.once("exit", discardPrepared);
  prepared = child;
}

/** Ends the process that was prepared, if nobody has taken it. */
function discardPrepared(): void {
  take()?.kill("SIGKILL");
}

/**
 * Starts an app process.
 *
 * @returns The process, and whether it has yet to be sent its configuration.
 */
export function spawnApp(config: AppConfig): { child: ChildProcess; waits: boolean } {
  const child = take();
  if (child?.connected) return { child, waits: true };
  const { handler, options } = config;
  return {
    child: start(handler, options.inspector, JSON.stringify(config)),
    waits: false,
  };
}

function take(): ChildProcess | undefined {
  const child = prepared;
  prepared = undefined;
  child?.off("error", discardPrepared);
  child?.off("exit", discardPrepared);
  process.off("exit", discardPrepared);
  return child;
}

function start(
  handler: string | undefined,
  inspector: boolean,
  config: string,
): ChildProcess {
  const { file, args, env } = runtime.self(handler, inspector);
  return spawn(file, args, {
    // A process group of its own: Ctrl-C reaches the supervisor alone, and kill() reaches all.
    detached: true,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: {
      ...inheritedEnvironment(),
      ...withheld,
      ...env,
      [appVariable]: `${process.pid} ${config}`,
    },
  });
}
