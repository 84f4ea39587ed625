/**
 * What the status page shows, as plain data.
 *
 * @module
 */
import type { LogLevel } from "../log.ts";
import type { CheckOutcome, Phase } from "../probes/probes.ts";
import type { QueueReading } from "../probes/queue.ts";
import type { ProbeType } from "../webhooks/payload.ts";
import type { Sample } from "./samples.ts";

/** All of it at one moment. Times are in milliseconds since 1970, durations in seconds. */
export interface StatusModel {
  now: number;
  /** The machine; in Kubernetes, the pod. */
  hostname: string;
  version: string;
  /** `bun 1.4.5` */
  runtime: string;
  phase: Phase;
  /** What the phase is busy with, or why it failed. */
  detail: string;
  /** Since when it is in this phase. */
  since: number;
  /** Where the handler is reached, once it is. */
  url: string | undefined;
  /** How long the start took. */
  startupSeconds: number | undefined;
  probes: ShownProbe[];
  queue: QueueReading & { limit: number };
  samples: readonly Sample[];
  /** Are requests counted? Not with `--no-metrics`. */
  counts: boolean;
  workers: ShownWorker[];
  /** How many there are to be. */
  wanted: number;
  /** How often workers were started in the place of others, by why. */
  restarts: readonly (readonly [reason: string, count: number])[];
  /** What happened to workers, the oldest first. */
  happenings: readonly Happening[];
  commands: readonly ShownCommand[];
  webhooks: readonly ShownReceiver[];
  /** What is taken from a broker; `undefined` without `--amqp-url`. */
  messages: ShownMessages | undefined;
  /** Is an edit served at once? */
  reloading: boolean;
  reloads: readonly Reload[];
  log: readonly ShownLine[];
}

/** A probe, and what it said last. */
export interface ShownProbe {
  type: ProbeType;
  path: string;
  answer: ProbeAnswer | undefined;
}

/** What a probe said. */
export interface ProbeAnswer {
  time: number;
  status: number;
  message: string;
  checks: readonly Omit<CheckOutcome, "trace">[];
  /** Has this page asked, because nobody else did? */
  askedHere: boolean;
}

/** A process that runs the handler. */
export interface ShownWorker {
  pid: number;
  state: "serving" | "retiring";
  /** Since when it takes requests; `undefined` where that was not seen. */
  since: number | undefined;
  /** Resident memory in bytes; `undefined` where the system does not tell. */
  memory: number | undefined;
  answered: number;
  inFlight: number;
  /** How late its event loop is. */
  loopDelay: number;
  /** The server of the handler's own that it has adopted, as in `Bun.serve on port 3000`. */
  adopted: string | undefined;
}

/** Something that happened, in words. */
export interface Happening {
  time: number;
  text: string;
}

/** A `--command`. */
export interface ShownCommand {
  name: string;
  outcome: "waiting" | "running" | "succeeded" | "failed" | "interrupted";
  seconds: number | undefined;
  /** Its last lines. */
  output: readonly string[];
}

/** Who gets webhooks, and what has become of those. */
export interface ShownReceiver {
  /** Its URL, without what is secret. */
  url: string;
  delivered: number;
  pending: number;
  failed: number;
  dropped: number;
  /** Why the last attempt was of no use. */
  trouble: { time: number; reason: string } | undefined;
}

/** Messages, and where they come from. */
export interface ShownMessages {
  /** The broker's URL, without what is secret. */
  broker: string;
  /** Why none are taken; `undefined`: they are. */
  obstacle: string | undefined;
  queues: readonly ShownQueue[];
}

/** A queue, and what has become of its messages. */
export interface ShownQueue {
  name: string;
  /** Where they are posted to. */
  path: string;
  /** At the broker, for somebody to take them; `undefined` where it does not tell. */
  waiting: number | undefined;
  inFlight: number;
  /** Taken a second, lately. */
  rate: number | undefined;
  acknowledged: number;
  retried: number;
  rejected: number;
  returned: number;
}

/** An edit that was served, or could not be. */
export interface Reload {
  time: number;
  /** What has changed; none where it was asked for. */
  files: readonly string[];
  seconds: number;
  /** Why it is not served. */
  error?: string;
}

/** A line of the log. */
export interface ShownLine {
  time: number;
  level: LogLevel;
  part: string;
  message: string;
}
