import type { AppEnd } from "./protocol.ts";

/** What a source had to cut off when it stopped. */
export type CutOff = Pick<AppEnd["tells"]["stopped"], "cut" | "atLeast">;

/**
 * Where the work of a handler comes from: requests that clients send over HTTP, for one.
 *
 * A source is started once, when the handler is loaded and it is this process's turn. It may be
 * drained, and then is stopped, which is the last of it. Meanwhile the probes count what it has in
 * flight.
 */
export interface Source<Started = unknown> {
  /**
   * Begins to bring work to the handler. Resolves, once it does, with what others must know of it;
   * rejects where it cannot.
   */
  start(): Promise<Started>;
  /**
   * From now on work had better go elsewhere: whoever brings some is told so, and none is asked
   * for. What comes all the same is still done.
   */
  drain(): void;
  /**
   * Takes nothing more, and lets the handler finish what it has for up to `timeout` milliseconds;
   * what is left then is cut off. Never rejects.
   */
  stop(timeout: number): Promise<CutOff>;
  /** How much of its work the handler has been given and has not finished. */
  readonly inFlight: number;
}

/** What several sources had to cut off, together. */
export function allCutOff(outcomes: readonly CutOff[]): CutOff {
  const cut = outcomes.reduce((sum, outcome) => sum + outcome.cut, 0);
  return outcomes.some(({ atLeast }) => atLeast) ? { cut, atLeast: true } : { cut };
}
