import type { RequestCounters } from "../metrics/requests.ts";
import type { FetchHandler, Runtime } from "../runtime/runtime.ts";
import type { Promise } from "../natives.ts";
import type { LoopWait } from "./loop_wait.ts";
import type { PendingRequests } from "./pending_requests.ts";
import type { ThrownErrors } from "./thrown_errors.ts";

/** What the runtime gets: there is a promise in it only where somebody else has made one. */
export type Sent = ReturnType<FetchHandler>;

/** What happens around a request besides the handler. */
export interface RequestPathOptions {
  counters: RequestCounters;
  /** Count durations and sizes, too? */
  metrics: boolean;
  /** With so many requests in flight, a further one is refused. Left out: none is. */
  maxInflight?: number;
  /** Knows which requests have waited for too long, where those are refused. */
  loopWait?: LoopWait;
  /**
   * The handler's own answer to what its `fetch` throws: the `error` field of a Bun server, which is
   * called as Bun does, with the server as `this`.
   */
  onError?: (this: unknown, error: unknown) => Response | Promise<Response>;
  /** Is `undefined` the answer to a request? It is to one that has become a WebSocket on Bun. */
  upgraded(request: Request): boolean;
  /** Takes errors on to the runtime's own error function. */
  errors: ThrownErrors;
  /** Tells the runtime of each answer before it gets it: see `Runtime.settled`. */
  settled?: Runtime["settled"];
  /** Knows most answers that have no fault and tell no size, without a look at them: see `Runtime.untouched`. */
  untouched?: Runtime["untouched"];
  /** Reads what is left of a body before its answer is sent: see `Runtime.readRest`. */
  readRest?: Runtime["readRest"];
  /** Set while draining: each response then says `Connection: close`. */
  draining: { now: boolean };
  /** A clock in milliseconds, whatever it counts from; read twice for each request. */
  now(): number;
  /** Looks after what has no answer yet. */
  pending: PendingRequests;
  /** Called after each answer, and where a client has left (status 499); left out where nobody wants to know. */
  onAnswer?: (
    request: Request,
    method: string,
    client: string | undefined,
    status: number,
    seconds: number,
    answer: Response | undefined,
  ) => void;
  /**
   * The client's address, or what else the access log makes of who asks, for `onAnswer`: asked before the handler, for no runtime tells it once the
   * client has left or the request was upgraded.
   */
  clientOf?: (request: Request, info: unknown) => string | undefined;
  /** Called with what the handler throws; left out where nobody wants to know. */
  onThrown?: (request: Request, error: unknown) => void;
  /** How an error is printed in the log. */
  inspect(error: unknown): string;
}
