/**
 * What a person at a terminal sees and can do besides reading the log.
 *
 * @module
 */
import process from "node:process";
import { elapsed } from "../../elapsed.ts";
import { logger, showStatus } from "../../log.ts";
import type { Phase } from "../../probes/probes.ts";
import { Keyboard } from "./keyboard.ts";

const log = logger("supervisor");

/** How often what is waited for is written anew, in milliseconds. */
const interval = 1000;

/** The part of the service that a terminal shows and steers. */
export interface ShownService {
  readonly phase: Phase;
  /** What it does in that phase. */
  readonly detail: string;
  readonly workers: readonly unknown[];
  readonly url: string;
  /** `undefined` where there are no probes. */
  readonly probeUrl: string | undefined;
  /** Is the status page there? */
  readonly hasStatusPage: boolean;
  /** Called when a worker's process has ended. */
  onWorkerGone: () => void;
  renew(): Promise<void>;
  stop(): Promise<number>;
  kill(code: number): void;
}

/**
 * Shows what the service waits for. Returns at once, and goes on until the process ends.
 *
 * @param keys do keys steer it, where the standard input is a terminal, too?
 */
export function attendTerminal(service: ShownService, keys: boolean): void {
  // A terminal that cannot erase a line (Emacs' shell, for one) says so.
  if (process.env["TERM"] !== "dumb") showWaiting(service);
  if (!keys) return;
  const keyboard = Keyboard.open((key) => press(service, key));
  if (keyboard === undefined) return;
  service.onWorkerGone = () => keyboard.take();
  log.info("r reloads, o shows the addresses, q quits");
}

function showWaiting(service: ShownService): void {
  let waiting: { what: string; since: number } | undefined;
  const timer = setInterval(() => {
    const what = waitsFor(service);
    if (what === undefined) waiting = undefined;
    else if (what !== waiting?.what) waiting = { what, since: performance.now() };
    if (waiting === undefined) showStatus("");
    else showStatus(waiting.what, elapsed(performance.now() - waiting.since));
  }, interval);
  timer.unref();
}

/** What there is to wait for, if anything. */
function waitsFor({ phase, detail, workers }: ShownService): string | undefined {
  switch (phase) {
    case "starting":
      return detail;
    case "serving":
      return workers.length === 0 ? detail || "starting the handler" : undefined;
    case "draining":
      return "draining: what is in progress may finish";
    default:
      return undefined;
  }
}

/** Does what a key stands for; others stand for nothing. */
export function press(service: ShownService, key: string): void {
  switch (key) {
    case "r":
      return void service.renew();
    case "q":
      // Who presses it again does not want to wait.
      return void (service.phase === "draining" ? service.kill(1) : service.stop());
    case "o":
      log.info("{addresses}", { addresses: addresses(service) });
  }
}

function addresses({ phase, detail, url, probeUrl, hasStatusPage }: ShownService): string {
  const there = hasStatusPage ? "status page, probes and metrics" : "probes and metrics";
  const probes = probeUrl === undefined ? "" : `; ${there}: ${probeUrl}`;
  return phase === "serving" ? `${url}${probes}` : `${phase}: ${detail}${probes}`;
}
