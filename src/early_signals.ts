/**
 * Signals that come before there is a service. It imports next to nothing of Hurricane's, for it is there
 * before anything else is.
 *
 * @module
 */
import process from "node:process";
import { readText } from "./runtime/first_files.ts";

/** The signals that stop a service, and the exit code of one that had not started: 128 and the number. */
export const exitCodes = { SIGTERM: 143, SIGINT: 130, SIGHUP: 129, SIGQUIT: 131 } as const;

/** One of them. */
export type StopSignal = keyof typeof exitCodes;

/** All of them. */
export const stopSignals = Object.keys(exitCodes) as StopSignal[];

/** `nohup` asks that SIGHUP be of no effect; it is known before the first listener is added. */
let hangupIgnored = false;

/** Is SIGHUP to be of no effect? */
export function isOfNoEffect(name: NodeJS.Signals): boolean {
  return name === "SIGHUP" && hangupIgnored;
}

let catching = false;
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
  if (catching) return;
  catching = true;
  hangupIgnored = ignoresHangup();
  for (const name of stopSignals) process.on(name, remember);
}

/** Leaves signals to other listeners, and gives the one that came before. */
export function handOverSignals(): StopSignal | undefined {
  for (const name of stopSignals) process.off(name, remember);
  return early;
}

/** Lets signals end the process again: there will be no service. */
export function releaseSignals(): void {
  const early = handOverSignals();
  if (early !== undefined) process.exit(exitCodes[early]);
}

/** Was this process started with SIGHUP ignored? Only Linux tells. */
function ignoresHangup(): boolean {
  try {
    // The lowest bit is signal 1: proc(5).
    const [, last] = /^SigIgn:.*(.)$/m.exec(readText("/proc/self/status")) ?? [];
    return last !== undefined && parseInt(last, 16) % 2 === 1;
  } catch {
    // Another system, or a container that hides it.
    return false;
  }
}
