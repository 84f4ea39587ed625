import { closeSync, openSync, readFileSync } from "node:fs";
import process from "node:process";
import { logger } from "../log.ts";
import type { Service } from "./service.ts";

const log = logger("supervisor");

/** The signals that stop a service, and the exit code of one that had not started: 128 and the number. */
const exitCodes = { SIGTERM: 143, SIGINT: 130, SIGHUP: 129, SIGQUIT: 131 } as const;
type StopSignal = keyof typeof exitCodes;
const stopSignals = Object.keys(exitCodes) as StopSignal[];

/** `nohup` asks that SIGHUP be of no effect; it is known before the first listener is added. */
let hangupIgnored = false;

/** Is SIGHUP to be of no effect? */
export function isOfNoEffect(name: NodeJS.Signals): boolean {
  return name === "SIGHUP" && hangupIgnored;
}

let early: StopSignal | undefined;

function remember(name: NodeJS.Signals): void {
  if (isOfNoEffect(name)) return;
  early ??= name as StopSignal;
}

/**
 * Keeps signals until there is a service. As PID 1, a signal that nobody listens to is lost, and a
 * container that is stopped in its first moments would be waited for.
 */
export function catchSignals(): void {
  hangupIgnored = ignoresHangup();
  for (const name of stopSignals) process.on(name, remember);
}

/** Lets signals end the process again: there will be no service. */
export function releaseSignals(): void {
  for (const name of stopSignals) process.off(name, remember);
  if (early !== undefined) process.exit(exitCodes[early]);
}

/**
 * Lets signals steer the service: SIGTERM, SIGINT and SIGQUIT stop it, a second SIGINT ends it at
 * once, SIGHUP replaces the workers, and SIGUSR1 and SIGUSR2 go to the handler.
 */
export function obeySignals(service: Service): void {
  const terminal = hasTerminal();
  let interrupted = false;
  const obey = (name: StopSignal): void => {
    // Without a listener of ours Deno would end the process, although it is ignored.
    if (isOfNoEffect(name)) return;
    if (name === "SIGINT" && interrupted) {
      log.warn("interrupted twice: not waiting any longer");
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
  for (const name of stopSignals) {
    process.off(name, remember);
    process.on(name, () => obey(name));
  }
  for (const name of ["SIGUSR1", "SIGUSR2"] as const) {
    process.on(name, () => service.passOn(name));
  }
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

/** Was this process started with SIGHUP ignored? Only Linux tells. */
function ignoresHangup(): boolean {
  try {
    // The lowest bit is signal 1: proc(5).
    const [, last] = /^SigIgn:.*(.)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    return last !== undefined && parseInt(last, 16) % 2 === 1;
  } catch {
    // Another system, or a container that hides it.
    return false;
  }
}
