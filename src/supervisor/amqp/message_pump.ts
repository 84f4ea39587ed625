import type { QueueCounts } from "../../amqp/counts.ts";

/** What takes messages from the broker, wherever that runs. */
export interface MessagePump {
  /** No messages are taken, and why; `undefined`: they are. */
  readonly obstacle: string | undefined;
  /** The process that it runs in; `undefined` while there is none. */
  readonly pid: number | undefined;
  /** Connects. Rejects where, as things are, no message would ever be taken. */
  open(): Promise<void>;
  /** Begins to post messages to this URL. */
  consume(url: string): void;
  /** Takes no more messages. */
  drain(): void;
  /** Ends when what is in the handler has been answered, or after so many milliseconds. */
  stop(timeout: number): Promise<void>;
  /** Ends at once. */
  kill(): void;
  /** What has been counted so far. */
  counts(): Promise<QueueCounts[]>;
}
