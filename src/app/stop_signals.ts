/**
 * The signals that stop a service, in the process that runs the handler.
 *
 * @module
 */
import process from "node:process";
import { logger } from "../log.ts";
import { runtime } from "../runtime/mod.ts";

const log = logger("handler");

const names: ReadonlySet<string> = new Set(["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"]);

function ignore(): void {}

/**
 * Lets the signals that stop or reload a service pass: the supervisor gets them, too, and says what
 * is to be done. systemd by its default, and `pkill`, send them to all processes at once, and a
 * process that died of one would take its requests with it.
 *
 * The handler's own listeners are taken off for the same reason: most end the process, or close what
 * requests in flight still need. The log says so once.
 *
 * They are listened to, rather than ignored as the system can do it, lest the processes that the
 * handler starts inherit that.
 */
export function ignoreStopSignals(): void {
  let told = false;
  const refused = (name: string): void => {
    if (told) return;
    told = true;
    log.info(
      "the handler listens for {name}, which it never gets: export onDrain or onShutdown instead",
      { name },
    );
  };
  for (const name of names) process.on(name, ignore);
  process.on("newListener", (name: string | symbol, listener: () => void) => {
    if (typeof name !== "string" || !names.has(name)) return;
    refused(name);
    // It is told of before it is added.
    queueMicrotask(() => process.off(name, listener));
  });
  runtime.refuseSignalListeners(names, refused);
}
