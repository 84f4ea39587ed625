/**
 * Every message between the supervisor and a process that runs the handler.
 *
 * What comes from the handler's process is checked: the handler can send messages over the same
 * channel, and a wrong number in a snapshot would poison a counter for as long as the pod lives.
 *
 * @module
 */
import * as z from "zod/mini";
import { LateSchema, type Output } from "../late_schema.ts";
import type { AppConfig } from "./options.ts";
import { requestSnapshotSchema } from "../metrics/snapshot.ts";

const count = () => z.int().check(z.nonnegative());
const trouble = () => ({ message: z.string(), trace: z.string() });

/** From an app process to the supervisor, by their types. */
const appMessages = {
  /** The handler is imported and waits for its turn to listen. */
  loaded: new LateSchema(() => z.object({ type: z.literal("loaded") })),
  listening: new LateSchema(() =>
    z.object({
      type: z.literal("listening"),
      hostname: z.string(),
      port: count(),
      scheme: z.enum(["http", "https"]),
      checks: z.object({ readiness: count(), liveness: count() }),
      inspector: z.optional(z.url()),
    })
  ),
  /** The handler could not be imported, or could not listen. */
  failed: new LateSchema(() => z.object({ type: z.literal("failed"), ...trouble() })),
  /** An error that nobody caught; the process is about to exit. */
  crashed: new LateSchema(() => z.object({ type: z.literal("crashed"), ...trouble() })),
  /** A heartbeat, or the answer to a request for one. Without `requests` nothing was counted. */
  snapshot: new LateSchema(() =>
    z.object({
      type: z.literal("snapshot"),
      id: z.optional(count()),
      inFlight: count(),
      answered: count(),
      loopDelay: z.number().check(z.nonnegative()),
      requests: z.optional(requestSnapshotSchema.schema),
    })
  ),
  checks: new LateSchema(() =>
    z.object({
      type: z.literal("checks"),
      id: count(),
      results: z.array(z.object({
        name: z.string(),
        status: z.enum(["succeeded", "failed"]),
        duration_ms: z.number(),
        message: z.optional(z.string()),
        trace: z.optional(z.string()),
      })),
    })
  ),
  /** The handler's own metrics; left out where they cannot be read. */
  metrics: new LateSchema(() =>
    z.object({ type: z.literal("metrics"), id: count(), metrics: z.optional(z.array(z.unknown())) })
  ),
  /** A probe that came in on the handler's port. */
  probe: new LateSchema(() =>
    z.object({
      type: z.literal("probe"),
      id: count(),
      method: z.enum(["GET", "HEAD", "POST"]),
      path: z.string(),
      accept: z.nullable(z.string()),
    })
  ),
  /** Whether new connections are kept away from workers that retire. */
  steered: new LateSchema(() =>
    z.object({ type: z.literal("steered"), id: count(), done: z.boolean() })
  ),
  /** All files that the handler has imported so far. */
  imports: new LateSchema(() =>
    z.object({ type: z.literal("imports"), files: z.array(z.string()) })
  ),
  /** The end, with what the handler's own metrics said after the last request. */
  stopped: new LateSchema(() =>
    z.object({
      type: z.literal("stopped"),
      cut: count(),
      atLeast: z.optional(z.literal(true)),
      error: z.optional(z.object(trouble())),
      metrics: z.optional(z.array(z.unknown())),
    })
  ),
};

/** From an app process to the supervisor. */
export type AppMessage = Output<typeof appMessages[keyof typeof appMessages]>;

/** Makes ready to read what a start brings, while it is waited for: that takes a millisecond. */
export function expectStart(): void {
  for (const schema of [appMessages.loaded, appMessages.listening]) schema.prepare();
}

/** What a process that runs the handler has sent, or `undefined` where it is not Hurricane's. */
export function readAppMessage(received: unknown): AppMessage | undefined {
  const type: unknown = Object(received).type;
  if (typeof type !== "string" || !Object.hasOwn(appMessages, type)) return undefined;
  const result = appMessages[type as keyof typeof appMessages].safeParse(received);
  return result.success ? result.data : undefined;
}

/** From the supervisor to an app process. Requests carry an `id`, which the answer repeats. */
export type SupervisorMessage =
  /** To a process that was started without its configuration: the first message. */
  | { type: "start"; config: AppConfig }
  | { type: "snapshot"; id: number }
  | { type: "checks"; id: number; probe: "readiness" | "liveness" }
  | { type: "metrics"; id: number }
  | { type: "listen"; port: number }
  /**
   * Sockets of the shared port, by their places among all that share it; null: all of them. After
   * `until` (`Date.now()`) nobody waits for it any more, and it must not be done.
   */
  | { type: "steer"; id: number; port: number; places: number[] | null; until: number }
  | { type: "drain" }
  | { type: "stop"; timeout: number }
  | ProbeAnswer;

/** The supervisor's answer to a probe that came in on the handler's port. */
export interface ProbeAnswer {
  type: "answer";
  id: number;
  status: number;
  headers: Record<string, string>;
  body: string;
}
