/**
 * What the log says of the workers, of starts that fail, and of how stopping went.
 *
 * @module
 */
import type { StopOutcome } from "../../app/app.ts";
import { CommandFailure } from "../../commands/run.ts";
import { counted } from "../../counted.ts";
import { messageOf, traceOf } from "../../errors.ts";
import { logger } from "../../log.ts";
import { withCodeFrame } from "../../source/code_frame.ts";
import type { PoolEvent } from "./events.ts";

const log = logger("supervisor");

/** Logs what happens to the workers, as far as a line is worth it. */
export function reportEvent(event: PoolEvent): void {
  switch (event.type) {
    case "died":
      return log.error("the handler's process {reason}", {
        reason: event.how,
        pid: event.worker.pid,
      });
    case "restartFailed":
      return reportFailedStart("the handler cannot be started again", event.error);
    case "restarted":
      return log.info("the handler is up again");
    case "retired":
      return void reportOutcomes([event.outcome]);
  }
}

/** Logs what did not end well. Did all of it? */
export function reportOutcomes(outcomes: readonly StopOutcome[]): boolean {
  const cut = outcomes.reduce((sum, outcome) => sum + outcome.cut, 0);
  const more = outcomes.some(({ atLeast }) => atLeast);
  if (cut > 0 || more) {
    const known = counted(cut, "request was", "requests were");
    const what = cut === 0 ? "requests may have been" : more ? `at least ${known}` : known;
    const timedOut = outcomes.some((outcome) =>
      !outcome.died && (outcome.cut > 0 || outcome.atLeast)
    );
    log.error(`${what} cut off${timedOut ? " (--shutdown-timeout)" : ""}`, { cut });
  }
  const errors = outcomes.map((outcome) => outcome.error).filter((error) => error !== undefined);
  for (const error of errors) {
    log.error("the handler did not end well: {error}", {
      error: messageOf(error),
      stack: traceOf(error),
    });
  }
  return cut === 0 && !more && errors.length === 0;
}

/**
 * Logs what does not start, for somebody at a terminal: the error in a line, then where in the handler's
 * source it happened, with the lines around it, then the trace.
 *
 * @param what `cannot start`, or what else is the matter.
 */
export function reportFailedStart(what: string, error: unknown): void {
  const [message = ""] = messageOf(error).split("\n");
  // A command's output is in the log already.
  const stack = error instanceof CommandFailure ? "" : withCodeFrame(traceOf(error), message);
  log.error("{what}: {error}", { what, error: message, ...(stack === "" ? {} : { stack }) });
}
