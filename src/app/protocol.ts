/**
 * Every message between the supervisor and a process that runs the handler: see `channel.ts` for
 * how they cross.
 *
 * What comes from the handler's process is read by a schema, of which its type is derived: the
 * handler can send messages over the same channel, and a wrong number in a snapshot would poison a
 * counter for as long as the pod lives. What comes from the supervisor is taken as it is.
 *
 * @module
 */
import * as z from "zod/mini";
import { bounded, boundedDetails } from "../bounded.ts";
import { longestTrace } from "../errors.ts";
import { LateSchema, type Output } from "../late_schema.ts";
import { appSnapshot, requestSnapshot } from "../metrics/snapshot.ts";
import type { Kind } from "./channel.ts";
import type { AppConfig } from "./options.ts";

const nothing = new LateSchema(() => z.undefined());
const count = () => z.int().check(z.nonnegative());

/** The last moment that a `Date` knows, in milliseconds. */
const latestTime = 8.64e15;

/** What is shown to people: of a text that is too long, the beginning. */
const text = (most?: number) =>
  z.pipe(z.string(), z.transform((given: string) => bounded(given, most)));
const trouble = () => ({ message: text(), trace: text(longestTrace) });
/** Metrics of the handler's own that could not be read. */
const missing = () => z.array(z.object({ name: text(), reason: text() }));

/** What an app process tells. */
const tells = {
  /** The handler is imported and waits for its turn to listen. */
  loaded: nothing,
  /** It is imported, and what it does then is waited for: what that is, as a sentence. */
  waits: new LateSchema(() => z.string()),
  /** Where the handler listens, and what the supervisor should know about it. */
  listening: new LateSchema(() =>
    z.object({
      hostname: z.string(),
      port: count(),
      /** What its URL begins with. */
      scheme: z.enum(["http", "https"]),
      /** How many checks of its own the handler has for each probe. */
      checks: z.object({ readiness: count(), liveness: count() }),
      /** The server of the handler's own that is adopted, as in `Bun.serve on port 3000`. */
      adopted: z.optional(text()),
      /** The WebSocket URL of the process's inspector, where it is open. */
      inspector: z.optional(z.url()),
    })
  ),
  /** The handler could not be imported, or could not listen. */
  failed: new LateSchema(() => z.object(trouble())),
  /** An error that nobody caught; the process is about to exit. */
  crashed: new LateSchema(() => z.object(trouble())),
  /** A heartbeat, with what has been counted. Without `requests` those have not changed. */
  snapshot: new LateSchema(() =>
    z.object({
      ...appSnapshot.shape(),
      requests: z.optional(requestSnapshot.schema.schema),
      /** Set where the next one is due later than usual: nothing happens. */
      rests: z.optional(z.literal(true)),
    })
  ),
  /** A line of its log, where the supervisor shows it. */
  logged: new LateSchema(() =>
    z.object({
      time: count().check(z.lte(latestTime)),
      level: z.enum(["debug", "info", "warn", "error"]),
      part: text(),
      message: text(),
    })
  ),
  /** What is to be said of the handler, once for all of its processes. */
  remark: new LateSchema(() =>
    z.object({
      level: z.enum(["info", "warn"]),
      message: text(),
      properties: z.record(z.string(), z.union([text(), z.number()])),
    })
  ),
  /** Some samples of one of the handler's own metrics, for the reading of that number; see `metrics/part.ts`. */
  series: new LateSchema(() => z.object({ reading: count(), metric: z.unknown() })),
  /** Files that the handler has imported since it last told of some. */
  imports: new LateSchema(() => z.array(z.string())),
  /** How stopping went; the process is about to exit. */
  stopped: new LateSchema(() =>
    z.object({
      /** How many requests had to be cut off, as far as that is known. */
      cut: count(),
      /** Set where there may have been more: Deno does not tell of bodies that still stream. */
      atLeast: z.optional(z.literal(true)),
      /** What `onShutdown` threw. */
      error: z.optional(z.object(trouble())),
      /** Which of the handler's own metrics could not be read after the last request. */
      missing: missing(),
    })
  ),
};

/** What an app process asks the supervisor. */
const asks = {
  /** A probe that came in on the handler's port. */
  probe: new LateSchema(() =>
    z.object({
      method: z.enum(["GET", "HEAD", "POST"]),
      path: z.string(),
      accept: z.nullable(z.string()),
      /** What Prometheus says of how long it waits for a scrape. */
      scrapeTimeout: z.nullable(z.string()),
    })
  ),
};

/** What an app process answers to the questions of the supervisor. */
const answers = {
  /** By then a snapshot has been told, which is all that was asked for. */
  snapshot: nothing,
  /** How each of the handler's own checks of a probe went. */
  checks: new LateSchema(() =>
    z.array(z.object({
      name: text(),
      status: z.enum(["succeeded", "failed"]),
      duration_ms: z.number(),
      /** Why it failed: the error's name and message, never its stack. */
      message: z.optional(text()),
      /** The error with its stack and causes, for webhooks; it never leaves through a probe. */
      trace: z.optional(text(longestTrace)),
      /** What it returned, where that is an object. */
      details: z.optional(
        z.pipe(
          z.record(z.string(), z.unknown()),
          z.transform((given): Record<string, unknown> => boundedDetails(given) ?? {}),
        ),
      ),
    }))
  ),
  /** By then its metrics have been told, but for those that cannot be read. */
  metrics: new LateSchema(() => z.object({ missing: missing() })),
  /** Whether new connections go where they were asked to go. */
  steer: new LateSchema(() => z.boolean()),
};

const readers = { tell: tells, ask: asks, answer: answers };

type Outputs<Schemas> = { [Type in keyof Schemas]: Output<Schemas[Type]> };

/** What the supervisor asks an app process. */
interface Questions {
  snapshot: undefined;
  checks: { probe: "readiness" | "liveness" };
  /** For how long they are waited for, in milliseconds, and the number of this reading, from 1 on. */
  metrics: { timeout: number; reading: number };
  /**
   * Sockets of the shared port, by their places among all that share it; null: all of them. After
   * `until` (`Date.now()`) nobody waits for it any more, and it must not be done.
   */
  steer: { port: number; places: readonly number[] | null; until: number };
}

/** What the supervisor answers to the questions of an app process. */
interface SupervisorAnswers {
  probe: { status: number; headers: Record<string, string>; body: string };
}

/** What an app process says. */
export interface AppEnd {
  tells: Outputs<typeof tells>;
  asks: {
    [Type in keyof typeof asks]: {
      question: Outputs<typeof asks>[Type];
      answer: SupervisorAnswers[Type];
    };
  };
}

/** What the supervisor says. */
export interface SupervisorEnd {
  tells: {
    /** To a process that was started without its configuration: the first message. */
    start: AppConfig;
    listen: { port: number };
    drain: undefined;
    stop: { timeout: number };
  };
  asks: {
    [Type in keyof typeof answers]: {
      question: Questions[Type];
      answer: Outputs<typeof answers>[Type];
    };
  };
}

/** Where the handler listens, and what the supervisor should know about it. */
export type AppAddress = AppEnd["tells"]["listening"];

/** How one of the handler's own checks went. */
export type CheckResult = SupervisorEnd["asks"]["checks"]["answer"][number];

/** Makes ready to read what a start brings, while it is waited for: that takes a millisecond. */
export function expectStart(): void {
  for (const schema of [tells.loaded, tells.listening]) schema.prepare();
}

/** Reads what a process that runs the handler says: the reader of the supervisor's end. */
export function readApp(
  kind: Kind,
  type: string,
  body: unknown,
): { body: unknown } | { refused: string } | undefined {
  const schemas: Record<string, LateSchema<unknown>> = readers[kind];
  if (!Object.hasOwn(schemas, type)) return undefined;
  const result = schemas[type]!.safeParse(body);
  if (result.success) return { body: result.data };
  const [issue] = result.error.issues;
  const where = issue?.path.join(".");
  return { refused: `${issue?.message}${where ? ` at ${where}` : ""}` };
}
