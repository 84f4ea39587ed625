import type { StopOutcome } from "../../app/app.ts";
import type { RestartReason } from "./life.ts";
import type { Worker } from "./worker.ts";

/** What happens to the workers, for whoever wants to know: log, metrics, webhooks, hot reload. */
export type PoolEvent =
  /** A worker takes requests. */
  | { type: "up"; worker: Worker }
  /** A worker has ended, however that came, and whether or not it ever took requests. */
  | { type: "gone"; worker: Worker }
  /** It did so by itself, or was killed because it stood still or was too large; `how` completes "its process …". */
  | { type: "died"; worker: Worker; how: string }
  /** Another one is about to be started in its place; `reason` is what happened to it. */
  | { type: "restarting"; reason: string }
  /** That one could not be started. */
  | { type: "restartFailed"; error: unknown }
  /** That one is up. */
  | { type: "restarted" }
  /** A worker has taken the place of another. */
  | { type: "replaced"; why: RestartReason }
  /** A worker in whose place another one serves has ended as it was told. */
  | { type: "retired"; outcome: StopOutcome }
  /** A start of all has not succeeded, and those that served by then have ended. */
  | { type: "startEnded"; outcomes: StopOutcome[] }
  /** A worker crashed once too often: nothing is started any more. */
  | { type: "gaveUp"; reason: string; trace: string };
