import { logger } from "../log.ts";
import { pathOf } from "../request_head.ts";
import { sizeRecorder } from "./answer_sizes.ts";
import { closing } from "./answers.ts";
import type { RequestPathOptions, Sent } from "./request_path_options.ts";

const log = logger("handler");

/** Counts the beginning and the end of a request, and sends what has been counted. */
export type RequestEnds = ReturnType<typeof requestEnds>;

/** Makes {@linkcode RequestEnds}. */
export function requestEnds(options: RequestPathOptions) {
  const { counters, metrics, upgraded, settled, readRest, draining, now, onAnswer } = options;
  const recordSize = sizeRecorder(counters, options.untouched);

  function begun(method: string): void {
    counters.inFlight++;
    if (mayHaveBody(method)) counters.bodiesInFlight++;
  }

  /** Counts the end of a request. */
  function ended(
    status: number,
    request: Request,
    method: string,
    client: string | undefined,
    started: number,
    answer?: Response,
  ): void {
    counters.inFlight--;
    if (mayHaveBody(method)) counters.bodiesInFlight--;
    counters.answered++;
    const seconds = (now() - started) / 1000;
    if (metrics) counters.record(method, status, seconds);
    if (onAnswer !== undefined) onAnswer(request, method, client, status, seconds, answer);
  }

  /**
   * Counts an answer that can be sent, or the one that the runtime demands in its place. What has become
   * a WebSocket on Bun has had its answer, whatever the handler returns or throws then.
   */
  function counted(
    given: Response | undefined,
    request: Request,
    method: string,
    info: unknown,
    client: string | undefined,
    started: number,
  ): Response | undefined {
    const demanded = settled?.(request, given, info);
    if (demanded !== undefined) tellUpgraded(request, method);
    const answer = demanded ?? (upgraded(request) ? undefined : given);
    const status = answer === undefined ? 101 : answer.status;
    ended(status, request, method, client, started, answer);
    if (metrics && answer !== undefined) recordSize(answer);
    return draining.now && answer !== undefined && status !== 101 ? closing(answer) : answer;
  }

  function tellUpgraded({ url }: Request, method: string): void {
    log.error(
      "{method} {path}: its WebSocket is closed, for the handler did not return the response of the upgrade",
      { method, path: pathOf(url) },
    );
  }

  /** What has been counted goes to the runtime, once nothing of the request is unread that has to be. */
  function sent(answer: Response | undefined, request: Request, method: string): Sent {
    return readRest !== undefined && answer !== undefined && mayHaveBody(method)
      ? readRest(request, answer)
      : answer;
  }

  return { begun, ended, counted, sent };
}

/** Both runtimes take none from a GET and a HEAD, for which RFC 9110 §9.3.1 gives a body no meaning. */
function mayHaveBody(method: string): boolean {
  return method !== "GET" && method !== "HEAD";
}
