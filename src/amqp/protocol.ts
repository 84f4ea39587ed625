/**
 * The messages between the supervisor and the pump's process: see `app/channel.ts` for how they
 * cross. Both ends are Hurricane's own, so that what they say is taken as it is.
 *
 * @module
 */
import type { LogOptions } from "../log.ts";
import type { QueueCounts } from "./counts.ts";
import type { SessionOptions } from "./session.ts";

/** What the process of the pump is told first. */
export interface PumpConfig {
  session: SessionOptions;
  log: LogOptions;
}

/** What the pump says. */
export interface PumpEnd {
  tells: {
    /** It has connected, or goes on to try. */
    opened: undefined;
    /** As things are, no message would ever be taken; the process ends. */
    refused: { message: string };
    /** No messages are taken, and why; null: they are. */
    obstacle: { reason: string | null };
  };
  asks: Record<never, never>;
}

/** What the supervisor says to it. */
export interface PumpSupervisorEnd {
  tells: {
    start: PumpConfig;
    consume: { url: string };
    drain: undefined;
    stop: { timeout: number };
  };
  asks: { counts: { question: undefined; answer: QueueCounts[] } };
}
