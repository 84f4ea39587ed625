/**
 * The life of a worker as one state machine: its states, what can happen to it, and what becomes of
 * it then. Everything else about workers (who serves, who is counted, who is started again) is read
 * from here.
 *
 * ```text
 * loading → listening → serving → retiring → stopping → exited
 * ```
 *
 * A worker may leave out states, but never goes back.
 *
 * @module
 */

/** Why a worker is started in the place of another. */
export const restartReasons = ["crash", "stall", "lifetime", "memory", "signal", "edit"] as const;

/** Why a worker is started in the place of another. */
export type RestartReason = typeof restartReasons[number];

/** Why a worker is killed: it stands still, or the memory of all is about to be used up. */
export type CondemnReason = Extract<RestartReason, "stall" | "memory">;

/**
 * What a worker is doing.
 *
 * - `loading`: its process imports the handler.
 * - `listening`: it waits for its turn to listen, or opens its socket.
 * - `serving`: it takes requests.
 * - `retiring`: another one serves in its place; it still answers on the connections that it has.
 * - `stopping`: it was told to end, and may finish what is in flight; or it was killed.
 * - `exited`: it has ended.
 */
export type LifeState = "loading" | "listening" | "serving" | "retiring" | "stopping" | "exited";

/**
 * Why a worker ends that no other follows for that.
 *
 * - `failed`: it has ended by itself before it served.
 * - `abandoned`: its start is no longer wanted, or nothing is to be finished.
 * - `retired`: another one serves in its place, and it has had time to be left.
 * - `shutdown`: the service stops.
 */
export type EndReason = "failed" | "abandoned" | "retired" | "shutdown";

/** What happens to a worker. */
export type LifeEvent =
  /** Its handler is imported. */
  | { type: "loaded" }
  /** Its socket is open. */
  | { type: "opened" }
  /** Another worker has taken its place. */
  | { type: "replaced"; why: RestartReason }
  /** It is told to end. */
  | { type: "told"; why: Exclude<EndReason, "failed"> }
  /** It is killed for what it does to others; `detail` is what the log says of it. */
  | { type: "condemned"; why: CondemnReason; detail: string }
  /**
   * It has ended: `detail` says how, as in `exited with code 3`, and `asked` whether it had heard by then
   * that it was to.
   */
  | { type: "ended"; detail: string; asked: boolean };

/** Where a worker is in its life. */
export interface Life {
  readonly state: LifeState;
  /** Since when, in milliseconds by the clock of the pool. */
  readonly since: number;
  /**
   * Why it is in this state, where somebody or something has brought it there. Of one that has exited:
   * `crash` where it had served and ended by itself, `failed` where it had not come so far, otherwise
   * what it was told.
   */
  readonly why?: RestartReason | EndReason;
  /** The same in words, for the log. */
  readonly detail?: string;
}

/** From which state each event leads to which. What is not here does not change anything. */
const transitions: Record<LifeEvent["type"], Partial<Record<LifeState, LifeState>>> = {
  loaded: { loading: "listening" },
  opened: { listening: "serving" },
  replaced: { serving: "retiring" },
  told: {
    loading: "stopping",
    listening: "stopping",
    serving: "stopping",
    retiring: "stopping",
  },
  condemned: { serving: "stopping", retiring: "stopping" },
  ended: {
    loading: "exited",
    listening: "exited",
    serving: "exited",
    retiring: "exited",
    stopping: "exited",
  },
};

/** A life that begins now. */
export function begin(now: number): Life {
  return { state: "loading", since: now };
}

/**
 * A life after an event; `undefined` where the event comes too late, or too early, to mean anything.
 *
 * @param now in milliseconds
 *
 * @example
 * ```ts
 * import { begin, live } from "./life.ts";
 *
 * const loaded = live(begin(0), { type: "loaded" }, 10);
 * console.assert(loaded?.state === "listening" && loaded.since === 10);
 * console.assert(live(begin(0), { type: "opened" }, 10) === undefined);
 * ```
 */
export function live(life: Life, event: LifeEvent, now: number): Life | undefined {
  const state = transitions[event.type][life.state];
  if (state === undefined) return undefined;
  switch (event.type) {
    case "loaded":
    case "opened":
      return { state, since: now };
    case "replaced":
    case "told":
      return { state, since: now, why: event.why };
    case "condemned":
      return { state, since: now, why: event.why, detail: event.detail };
    case "ended":
      return {
        state,
        since: now,
        why: causeOfEnd(life, event.asked),
        detail: life.detail ?? event.detail,
      };
  }
}

function causeOfEnd({ state, why }: Life, asked: boolean): Life["why"] {
  switch (state) {
    case "loading":
    case "listening":
      return "failed";
    case "stopping":
      // It may have died before it could hear of it.
      return !asked && (why === "shutdown" || why === "retired") ? "crash" : why;
    default:
      return "crash";
  }
}

/** Has a worker that served ended although nobody told it to end in peace? */
export function diedUnasked(life: Life): boolean {
  return causeOfDeath(life) !== undefined;
}

/** Why it has, if it has. */
export function causeOfDeath({ state, why }: Life): "crash" | CondemnReason | undefined {
  if (state !== "exited") return undefined;
  return why === "crash" || why === "stall" || why === "memory" ? why : undefined;
}
