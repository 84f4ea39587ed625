import process from "node:process";
import { type AppConfig, appVariable } from "../../app/options.ts";
import { program } from "../../runtime/program.ts";
import type { Invocation, StartedProcess } from "../../runtime/runtime.ts";
import { inheritedEnvironment } from "./environment.ts";
import { MessageLines } from "./message_lines.ts";

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

/** Where the way to the process follows its three standard streams. */
const channelDescriptor = 3;

/** Makes it what `stdio: "ipc"` would at that end alone: Node's way to tell a child of its channel. */
const channelVariables = {
  NODE_CHANNEL_FD: String(channelDescriptor),
  NODE_CHANNEL_SERIALIZATION_MODE: "json",
};

/** A process around the handler, and the way to it. */
export interface SpawnedApp {
  child: StartedProcess;
  /** `undefined` where the process could not be started. */
  way: MessageLines | undefined;
}

/** A process that was started before it was known what it is to serve, how, and for which handler. */
let prepared: (SpawnedApp & { how: Invocation; handler: string | undefined }) | undefined;

/**
 * Starts an app process that waits to be told its configuration, and that the next {@linkcode spawnApp}
 * takes. The process of the handler starts while this one still reads its options, so that a start
 * takes little longer than the longer one of the two.
 *
 * @param handler the one that is most likely meant: Deno's arguments follow from its project
 */
export function prepareApp(handler?: string): void {
  let how: Invocation;
  try {
    how = program.self(handler, false);
  } catch {
    // Deno's configuration cannot be read: the log is told of it by the start that is to come.
    return;
  }
  const app = { ...start(how, ""), how, handler };
  process.once("exit", discardPrepared);
  prepared = app;
  // Whatever is wrong with it is seen again where it matters, of the process that takes its place.
  void app.child.ended.then(() => {
    if (prepared === app) take();
  });
}

/** Ends the process that was prepared, if nobody has taken it. */
function discardPrepared(): void {
  discard(take());
}

function discard(app: typeof prepared): void {
  if (app?.child.pid !== undefined) sendSignal(app.child.pid, "SIGKILL");
}

/** Sends a signal to a process, or to the group of a negative one, that may be gone by now. */
export function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // ESRCH: it is gone already.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/**
 * Starts an app process.
 *
 * @returns The process, and whether it has yet to be sent its configuration.
 */
export function spawnApp(config: AppConfig): SpawnedApp & { waits: boolean } {
  const { handler, options } = config;
  const { inspector } = options;
  const app = take();
  // How one is started takes some milliseconds to find out on Deno.
  const asPrepared = app?.handler === handler && !inspector ? app?.how : undefined;
  const how = asPrepared ?? program.self(handler, inspector);
  if (app?.way?.connected && isSame(app.how, how)) return { ...app, waits: true };
  discard(app);
  return { ...start(how, JSON.stringify(config)), waits: false };
}

function isSame(one: Invocation, other: Invocation): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function take(): typeof prepared {
  const app = prepared;
  prepared = undefined;
  process.off("exit", discardPrepared);
  return app;
}

function start(how: Invocation, config: string): SpawnedApp {
  const child = program.start(how, {
    ...inheritedEnvironment(),
    ...withheld,
    ...how.env,
    ...channelVariables,
    [appVariable]: `${process.pid} ${config}`,
  });
  return { child, way: child.way && new MessageLines(child.way) };
}
