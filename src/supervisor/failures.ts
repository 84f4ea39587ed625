/**
 * What is told of a service that did not start, crashed, or did not end well.
 *
 * @module
 */
import type { StopOutcome } from "../app/app.ts";
import { ListenError } from "../app/listen_error.ts";
import { CommandFailure } from "../commands/run.ts";
import { errorTrace, messageOf } from "../errors.ts";
import { logger } from "../log.ts";
import { withCodeFrame } from "../source/code_frame.ts";
import { WorkerError, type WorkerExit } from "./workers/worker.ts";

const log = logger("supervisor");

/** The end of a worker that nobody asked for, as an error. */
export function diedEarly({ reason, error }: WorkerExit): WorkerError {
  return new WorkerError(`its process ${reason}`, error?.trace ?? reason);
}

/** Logs what did not end well. Did all of it? */
export function reportOutcomes(outcomes: readonly StopOutcome[]): boolean {
  const cut = outcomes.reduce((sum, outcome) => sum + outcome.cut, 0);
  if (cut > 0) {
    const least = outcomes.some((outcome) => outcome.atLeast) ? "at least " : "";
    const what = cut === 1 ? "1 request was" : `${cut} requests were`;
    log.error(`${least}${what} cut off (--shutdown-timeout)`, { cut });
  }
  const errors = outcomes.map((outcome) => outcome.error).filter((error) => error !== undefined);
  for (const error of errors) {
    log.error("the handler did not end well: {error}", {
      error: messageOf(error),
      stack: traceOf(error),
    });
  }
  return cut === 0 && errors.length === 0;
}

/**
 * Logs what does not start, for somebody at a terminal: the error in a line, then where in the handler's
 * source it happened, with the lines around it, then the trace.
 *
 * @param what `cannot start`, or what else is the matter.
 */
export function reportFailedStart(what: string, error: unknown): void {
  const [message] = messageOf(error).split("\n");
  const trace = traceOf(error);
  // A command's output is in the log already, and so is that it failed.
  const known = error instanceof CommandFailure || trace === messageOf(error);
  log.error("{what}: {error}", {
    what,
    error: message,
    ...(known ? {} : { stack: error instanceof WorkerError ? withCodeFrame(trace) : trace }),
  });
}

/** What a webhook tells of an error: where it happened, not where in Hurricane it was noticed. */
export function traceOf(error: unknown): string {
  if (error instanceof WorkerError) return error.trace;
  if (error instanceof ListenError) return error.message;
  if (error instanceof CommandFailure) {
    const { lastLines, message } = error;
    return lastLines.length === 0 ? message : `${message}\nlast output:\n${lastLines.join("\n")}`;
  }
  return errorTrace(error);
}
