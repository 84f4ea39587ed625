import { setTimeout as sleep } from "node:timers/promises";
import type { ConsumeMessage } from "amqplib";
import { messageOf } from "../errors.ts";
import { logger } from "../log.ts";
import { expired, within } from "../within.ts";
import { Refused } from "./broker_error.ts";
import { countDuration, emptyCounts, type Fate, type QueueCounts } from "./counts.ts";
import { Gate } from "./gate.ts";
import { type Answer, BrokenOff, type HandlerClient, NobodyListens } from "./handler_client.ts";
import { headersOf } from "./headers.ts";
import { outcomeOf } from "./outcome.ts";
import { pauseBefore, publishedAgain, retriesOf, retryQueueName } from "./retry.ts";
import { Session, type SessionOptions, Unpublishable } from "./session.ts";
import type { Subscription } from "./subscription.ts";
import { redactBroker } from "./url.ts";

const log = logger("amqp");

/** Pauses before the broker is called again, in milliseconds: from the first to the longest. */
const [firstPause, longestPause] = [500, 30_000];

/** Pauses before a handler is called again that does not listen, in milliseconds. */
const [firstLook, longestLook] = [50, 1000];

/** How old a queue's length may be, in milliseconds: the broker is not asked for each scrape. */
const lengthAge = 1000;

/** How long a queue's length is waited for, in milliseconds: what else is counted does not wait for it. */
const lengthTimeout = 300;

/** How long the last words to the broker may take, in milliseconds: it may be silent. */
const farewellTimeout = 1000;

/** What a pump does not do by itself. */
export interface PumpListener {
  /** No messages are taken, and why; `undefined`: they are. */
  obstacle(reason: string | undefined): void;
}

/** One queue that messages are taken from. */
interface Line extends Subscription {
  /** Also over the end of a session: what was given to the handler in the last one may still be there. */
  gate: Gate;
  counts: QueueCounts;
  waitingSince: number;
}

/**
 * Takes messages from queues and posts them to the handler, and tells the broker what became of them.
 *
 * It is connected again, for ever, whenever the broker has gone. Of what the handler has been given
 * before that, the answers come to nothing: the broker delivers it again.
 */
export class Pump {
  readonly #options: SessionOptions;
  readonly #listener: PumpListener;
  readonly #lines: Line[];
  readonly #draining = new AbortController();
  readonly #inFlight = new Set<Promise<void>>();
  readonly #handler = Promise.withResolvers<HandlerClient>();
  #session: Session | undefined;
  #running: Promise<void> | undefined;

  constructor(options: SessionOptions, listener: PumpListener) {
    this.#options = options;
    this.#listener = listener;
    this.#lines = options.subscriptions.map((subscription) => ({
      ...subscription,
      gate: new Gate(options.prefetch),
      counts: emptyCounts(subscription.queue),
      waitingSince: -Infinity,
    }));
  }

  /**
   * Connects for the first time. A broker that is not there is waited for afterwards.
   *
   * @throws {Refused} As things are, no message would ever be taken.
   */
  async open(): Promise<void> {
    let first: Session | undefined;
    try {
      first = await Session.open(this.#options);
    } catch (error) {
      if (error instanceof Refused) throw error;
      this.#report(error);
    }
    this.#running = this.#run(first);
  }

  /** Begins to give messages to the handler. */
  consume(handler: HandlerClient): void {
    this.#handler.resolve(handler);
  }

  /** Takes no more messages; those that the handler has not been given go back to their queues. */
  async drain(): Promise<void> {
    this.#draining.abort();
    await this.#session?.cancel();
  }

  /**
   * Ends it once what is in the handler has been answered, or after so many milliseconds.
   */
  async stop(timeout: number): Promise<void> {
    const drained = this.drain();
    await within(timeout, this.#settled());
    await within(farewellTimeout, this.#leave(drained));
  }

  async #leave(drained: Promise<void>): Promise<void> {
    await drained;
    await this.#running;
    await this.#session?.close();
  }

  /** What has been counted, with the lengths of the queues. */
  async counts(): Promise<QueueCounts[]> {
    await Promise.all(this.#lines.map((line) => this.#measure(line)));
    return this.#lines.map(({ counts }) => counts);
  }

  async #settled(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight);
  }

  async #measure(line: Line): Promise<void> {
    const now = performance.now();
    if (now - line.waitingSince < lengthAge) return;
    line.waitingSince = now;
    const told = this.#session?.waiting(line.queue) ?? Promise.resolve(undefined);
    const waiting = await within(lengthTimeout, told);
    if (waiting === undefined || waiting === expired) delete line.counts.waiting;
    else line.counts.waiting = waiting;
  }

  async #run(first: Session | undefined): Promise<void> {
    const { signal } = this.#draining;
    let next = first;
    let attempt = first === undefined ? 1 : 0;
    for (; !signal.aborted; attempt++) {
      if (next === undefined && !await rest(pauseOf(attempt), signal)) return;
      try {
        const session = next ?? await Session.open(this.#options);
        next = undefined;
        this.#session = session;
        await this.#serve(session, () => attempt = 0);
      } catch (error) {
        this.#report(error);
      }
    }
    await this.#session?.cancel();
  }

  /** Takes messages until the session ends, or draining begins; then it stays open for acknowledgements. */
  async #serve(session: Session, began: () => void): Promise<void> {
    const { signal } = this.#draining;
    const drained = aborted(signal);
    const handler = await Promise.race([this.#handler.promise, drained, session.lost]);
    if (typeof handler === "object") {
      for (const line of this.#lines) {
        if (signal.aborted) return;
        await session.consume(line.queue, (message) => this.#take(session, line, handler, message));
      }
      began();
      this.#listener.obstacle(undefined);
      log.info("messages are taken from {queues} at {broker}", {
        queues: this.#lines.map(({ queue }) => queue).join(", "),
        broker: redactBroker(this.#options.url),
      });
    }
    const lost = await Promise.race([session.lost, drained]);
    if (lost === undefined) return;
    throw new Error(`the broker ${redactBroker(this.#options.url)} is gone: ${lost}`);
  }

  #report(error: unknown): void {
    const reason = messageOf(error);
    if (this.#draining.signal.aborted) return;
    this.#listener.obstacle(reason);
    log.warn("no messages are taken: {reason}", { reason });
  }

  #take(session: Session, line: Line, handler: HandlerClient, message: ConsumeMessage): void {
    line.counts.consumed++;
    const task = this.#process(session, line, handler, message).catch((error: unknown) => {
      // Nothing is known of the message then: whatever is not acknowledged is delivered again.
      log.error("a message of {queue} could not be processed: {error}", {
        queue: line.queue,
        error: messageOf(error),
      });
      session.putBack(message);
    }).finally(() => this.#inFlight.delete(task));
    this.#inFlight.add(task);
  }

  async #process(
    session: Session,
    line: Line,
    handler: HandlerClient,
    message: ConsumeMessage,
  ): Promise<void> {
    await line.gate.enter();
    try {
      const fate = await this.#handle(session, line, handler, message);
      if (!session.ended) line.counts.fates[fate]++;
    } finally {
      line.gate.leave();
    }
  }

  /** Has the handler answer, and does what the answer says. */
  async #handle(
    session: Session,
    line: Line,
    handler: HandlerClient,
    message: ConsumeMessage,
  ): Promise<Fate> {
    const answer = await this.#answer(session, line, handler, message);
    if (answer === undefined) {
      session.putBack(message);
      return "returned";
    }
    const outcome = answer instanceof Error ? "retried" : outcomeOf(answer.status);
    if (outcome === "retried") {
      const retry = retriesOf(message) + 1;
      if (retry <= this.#options.retries) return await this.#retry(session, line, message, retry);
    }
    if (!(answer instanceof Error) && !await this.#reply(session, line, message, answer)) {
      return "returned";
    }
    if (outcome === "acknowledged") {
      session.acknowledge(message);
      return outcome;
    }
    return reject(session, line, message, reasonOf(answer, retriesOf(message)));
  }

  /**
   * What the handler says to a message, or why it says nothing; `undefined` where it was not given it, or is cut
   * off by a stop.
   */
  async #answer(
    session: Session,
    line: Line,
    handler: HandlerClient,
    message: ConsumeMessage,
  ): Promise<Answer | Error | undefined> {
    const { signal } = this.#draining;
    for (let look = firstLook; !signal.aborted && !session.ended;) {
      const began = performance.now();
      line.counts.inFlight++;
      try {
        const headers = headersOf(line.queue, message);
        const answer = await handler.post(line.path, headers, message.content);
        countDuration(line.counts, (performance.now() - began) / 1000);
        return answer;
      } catch (error) {
        if (!(error instanceof NobodyListens)) return signal.aborted ? undefined : asError(error);
      } finally {
        line.counts.inFlight--;
      }
      // Its process is being started.
      await rest(look, signal);
      look = Math.min(2 * look, longestLook);
    }
    return undefined;
  }

  /** Has the message wait for its next try, and only then takes it out of its queue. */
  async #retry(
    session: Session,
    line: Line,
    message: ConsumeMessage,
    retry: number,
  ): Promise<Fate> {
    const queue = retryQueueName(line.queue, retry);
    const again = publishedAgain(line, message, retry);
    try {
      if (!await session.publish(queue, message.content, again)) return "returned";
    } catch (error) {
      if (!(error instanceof Unpublishable)) throw error;
      return reject(session, line, message, `it cannot be published for a retry: ${error.message}`);
    }
    line.counts.sent++;
    session.acknowledge(message);
    log.debug("a message of {queue} waits {seconds}s for its retry {retry}", {
      queue: line.queue,
      seconds: pauseBefore(retry),
      retry,
    });
    return "retried";
  }

  /** Sends the answer to whoever asked for one. `false`: it is not known whether the broker has it. */
  async #reply(
    session: Session,
    line: Line,
    { properties }: ConsumeMessage,
    { status, contentType, body }: Answer,
  ): Promise<boolean> {
    if (!properties.replyTo) return true;
    try {
      const published = await session.publish(properties.replyTo, Buffer.from(body), {
        correlationId: properties.correlationId,
        contentType,
        headers: { "http-status": status },
      });
      if (published) line.counts.sent++;
      return published;
    } catch (error) {
      if (!(error instanceof Unpublishable)) throw error;
      log.warn("the answer to a message of {queue} cannot be sent ({id}): {error}", {
        queue: line.queue,
        id: idOf(properties),
        error: error.message,
      });
      return true;
    }
  }
}

/** Has the queue's dead-letter exchange get it. */
function reject(session: Session, { queue }: Line, message: ConsumeMessage, why: string): Fate {
  log.warn("a message of {queue} is rejected ({id}): {why}", {
    queue,
    id: idOf(message.properties),
    why,
  });
  session.reject(message);
  return "rejected";
}

function idOf({ messageId }: ConsumeMessage["properties"]): string {
  return messageId ?? "it has no message id";
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error));
}

function whatOf(answer: Answer | Error): string {
  if (answer instanceof BrokenOff) return "the handler's process broke off";
  if (answer instanceof Error) return `it could not be posted: ${answer.message}`;
  return `the handler answered ${answer.status}`;
}

function reasonOf(answer: Answer | Error, retries: number): string {
  const what = whatOf(answer);
  return retries === 0 ? what : `${what}, at try ${retries + 1}`;
}

/** Before the nth attempt to connect, in milliseconds: a fifth more or less, for there are other pods. */
function pauseOf(attempt: number): number {
  const pause = Math.min(longestPause, firstPause * 2 ** Math.min(attempt - 1, 10));
  return Math.round(pause * (0.8 + 0.4 * Math.random()));
}

/** Resolves after a time; with `false`, and at once, where the signal is aborted. */
async function rest(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(milliseconds, undefined, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
