import { closeSync, openSync } from "node:fs";
import process from "node:process";
import {
  exitCodes,
  handOverSignals,
  isOfNoEffect,
  type StopSignal,
  stopSignals,
} from "../early_signals.ts";
import { logger } from "../log.ts";
import type { Service } from "./service.ts";

const log = logger("supervisor");

/**
 * Lets signals steer the service: SIGTERM, SIGINT and SIGQUIT stop it, a second SIGINT ends it at
 * once, SIGHUP replaces the workers, and SIGUSR1 and SIGUSR2 go to the handler.
 */
export function obeySignals(service: Service): void {
  const terminal = hasTerminal();
  let interrupted = false;
  let ending = false;
  const obey = (name: StopSignal): void => {
    // Without a listener of ours Deno would end the process, although it is ignored.
    if (isOfNoEffect(name)) return;
    if (name === "SIGINT" && interrupted) {
      // Whoever is in a hurry presses Ctrl-C again and again.
      if (!ending) log.warn("interrupted twice: not waiting any longer");
      ending = true;
      void service.kill(exitCodes.SIGINT);
      return;
    }
    interrupted ||= name === "SIGINT";
    log.info("received {name}", { name });
    if (name === "SIGHUP" && !(terminal && !hasTerminal())) {
      void service.renew();
      return;
    }
    void service.stop(exitCodes[name]);
  };
  for (const name of stopSignals) process.on(name, () => obey(name));
  for (const name of ["SIGUSR1", "SIGUSR2"] as const) {
    process.on(name, () => service.passOn(name));
  }
  const early = handOverSignals();
  if (early !== undefined) obey(early);
}

/** Is there a terminal? The kernel takes it away when its window is closed, and sends SIGHUP. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    // ENXIO: there is none, or no more.
    return false;
  }
}
