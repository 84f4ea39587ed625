import type { Kind } from "./plan.ts";

/**
 * How a request ended for its client: with a whole answer; because the client left, as it had meant to;
 * by a reset; by a close before the answer was whole; because there was no connection; or not at all.
 */
export type Seen = "answer" | "left" | "reset" | "closed" | "refused" | "silent";

/** What had been before on the connection of a request. */
export interface Reused {
  /** The kind of the request before. */
  after: Kind;
  /** How long nothing was in flight, in milliseconds. */
  idle: number;
}

/** What a client saw. */
export interface Outcome {
  id: number;
  kind: Kind;
  seen: Seen;
  /** That of the answer, or of the part of it that came. */
  status?: number;
  /** The status that the handler means to give. */
  meant: number;
  /** When the request was sent and when it had ended, in milliseconds of the system's clock. */
  sent: number;
  ended: number;
  /** Left out where it was sent on a new connection. */
  reused?: Reused;
  /** What else was wrong. */
  fault?: string;
}

/** What the load generator tells, as a line of JSON on its standard output. */
export type Report =
  | { type: "outcome"; outcome: Outcome }
  /** Everything has ended, and all connections are closed. */
  | { type: "rest" }
  /** The last requests are on their way. */
  | { type: "burst" };

/** What it is told, as a line on its standard input. */
export type Order = "finish" | "burst" | "stop";
