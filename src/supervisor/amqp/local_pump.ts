import process from "node:process";
import type { QueueCounts } from "../../amqp/counts.ts";
import { handlerClient } from "../../amqp/handler_client.ts";
import { Pump } from "../../amqp/pump.ts";
import type { SessionOptions } from "../../amqp/session.ts";
import { messageOf } from "../../errors.ts";
import { logger } from "../../log.ts";
import type { ServiceOptions } from "../../options/service_options.ts";
import type { MessagePump } from "./message_pump.ts";
import { sessionOptions } from "./session_options.ts";

const log = logger("amqp");

/** The pump of a service that takes messages from this broker. */
export function localPump(url: string, options: ServiceOptions): MessagePump {
  return new LocalPump(sessionOptions(url, options));
}

/** The pump in the supervisor's own process, which is the handler's as well. */
class LocalPump implements MessagePump {
  obstacle: string | undefined = "not connected yet";
  readonly pid: number = process.pid;
  readonly #pump: Pump;

  constructor(options: SessionOptions) {
    this.#pump = new Pump(options, { obstacle: (reason) => this.obstacle = reason });
  }

  open(): Promise<void> {
    return this.#pump.open();
  }

  consume(url: string): void {
    // The environment is the program's own: it may name a proxy.
    this.#pump.consume(handlerClient(url, undefined));
  }

  drain(): void {
    this.#pump.drain().catch(cannotStop);
  }

  stop(timeout: number): Promise<void> {
    return this.#pump.stop(timeout);
  }

  kill(): void {
    this.stop(0).catch(cannotStop);
  }

  counts(): Promise<QueueCounts[]> {
    return this.#pump.counts();
  }
}

function cannotStop(error: unknown): void {
  log.error("the message pump cannot stop as it should: {error}", { error: messageOf(error) });
}
