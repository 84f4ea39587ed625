import type { Channel, ChannelModel, ConfirmChannel, ConsumeMessage, Options } from "amqplib";
import { messageOf } from "../errors.ts";
import { logger } from "../log.ts";
import { brokerError, connectError, Refused } from "./broker_error.ts";
import { retryQueues } from "./retry.ts";
import type { Subscription } from "./subscription.ts";
import { connectUrl } from "./url.ts";

const log = logger("amqp");

/** How long a connection may take to be made, in milliseconds. */
const connectTimeout = 10_000;

/** What a session is opened with. */
export interface SessionOptions {
  url: string;
  subscriptions: readonly Subscription[];
  prefetch: number;
  retries: number;
}

/** The library cannot write the properties of what is published: nothing has been sent. */
export class Unpublishable extends Error {
  override name = "Unpublishable";
}

/**
 * What there is between a successful connection to the broker and its end: whatever goes wrong in it
 * ends it, and the next one begins from the start.
 *
 * It has two connections, for the broker stops reading from one that publishes when it lacks memory
 * or disk, and acknowledgements must still come through then.
 */
export class Session {
  /** Resolves with why it has ended. */
  readonly lost: Promise<string>;

  readonly #consuming: ChannelModel;
  readonly #publishing: ChannelModel;
  readonly #deliveries: Channel;
  readonly #publisher: ConfirmChannel;
  readonly #lose = Promise.withResolvers<string>();
  readonly #tags: string[] = [];
  readonly #prefetch: number;
  /** Whoever waits for the broker to confirm what was published. */
  readonly #unconfirmed = new Set<(confirmed: boolean) => void>();
  #asking: Channel | undefined;
  #ended = false;

  private constructor(
    connections: { consuming: ChannelModel; publishing: ChannelModel },
    channels: { deliveries: Channel; publisher: ConfirmChannel },
    prefetch: number,
  ) {
    this.#consuming = connections.consuming;
    this.#publishing = connections.publishing;
    this.#deliveries = channels.deliveries;
    this.#publisher = channels.publisher;
    this.#prefetch = prefetch;
    this.lost = this.#lose.promise;
    for (const part of [...Object.values(connections), ...Object.values(channels)]) {
      part.on("error", (error: Error) => this.#end(messageOf(error)));
      part.on("close", () => this.#end("the broker closed the connection"));
    }
    this.#publishing.on("blocked", (reason: string) => {
      log.warn("the broker takes no messages for now, so that retries and replies wait: {reason}", {
        reason,
      });
    });
    this.#publishing.on("unblocked", () => log.info("the broker takes messages again"));
    // It comes before the confirmation.
    this.#publisher.on("return", ({ fields }) => {
      this.#end(`the queue ${JSON.stringify(fields.routingKey)} is gone`);
    });
  }

  /**
   * Connects, and sees to it that all queues are there.
   *
   * @throws {Refused} The broker does not let it: a wrong password, a queue that does not exist.
   * @throws {Unreachable}
   */
  static async open(options: SessionOptions): Promise<Session> {
    const { url, subscriptions, prefetch, retries } = options;
    const consuming = await connect(url, "consumes");
    let publishing: ChannelModel | undefined;
    try {
      for (const { queue } of subscriptions) {
        await requireQueue(consuming, queue);
        for (const { name, options } of retryQueues(queue, retries)) {
          await declareQueue(consuming, name, options);
        }
      }
      publishing = await connect(url, "publishes");
      const deliveries = await consuming.createChannel();
      const publisher = await publishing.createConfirmChannel();
      return new Session({ consuming, publishing }, { deliveries, publisher }, prefetch);
    } catch (error) {
      abandon(consuming);
      if (publishing !== undefined) abandon(publishing);
      throw error instanceof Refused ? error : connectError(url, error);
    }
  }

  /** Has it ended, or is it about to? */
  get ended(): boolean {
    return this.#ended;
  }

  /** Begins to take messages of a queue. */
  async consume(queue: string, take: (message: ConsumeMessage) => void): Promise<void> {
    try {
      // It holds for the consumers that follow: for each of them alone.
      await this.#deliveries.prefetch(this.#prefetch);
      const { consumerTag } = await this.#deliveries.consume(queue, (message) => {
        if (message !== null) return take(message);
        this.#end(`the broker ended the consumer of the queue ${JSON.stringify(queue)}`);
      });
      this.#tags.push(consumerTag);
    } catch (error) {
      throw brokerError(`the queue ${JSON.stringify(queue)} cannot be consumed`, error);
    }
  }

  /** Takes no more messages. */
  async cancel(): Promise<void> {
    try {
      for (const tag of this.#tags.splice(0)) await this.#deliveries.cancel(tag);
    } catch (error) {
      this.#end(messageOf(error));
    }
  }

  acknowledge(message: ConsumeMessage): void {
    this.#settle(() => this.#deliveries.ack(message));
  }

  /** To the queue's dead-letter exchange. */
  reject(message: ConsumeMessage): void {
    this.#settle(() => this.#deliveries.nack(message, false, false));
  }

  /** Back to where it was in its queue. */
  putBack(message: ConsumeMessage): void {
    this.#settle(() => this.#deliveries.nack(message, false, true));
  }

  /**
   * Publishes to a queue. Resolves with whether the broker has it; without that, the session ends.
   *
   * @throws {Unpublishable} It has properties that cannot be written.
   */
  publish(queue: string, content: Buffer, options: Options.Publish): Promise<boolean> {
    if (this.#ended) return Promise.resolve(false);
    return new Promise((resolve, reject) => {
      const settle = (confirmed: boolean): void => {
        this.#unconfirmed.delete(settle);
        resolve(confirmed);
      };
      this.#unconfirmed.add(settle);
      try {
        this.#publisher.sendToQueue(queue, content, options, (error: unknown) => {
          if (error) this.#end(`a message was not taken by the queue ${JSON.stringify(queue)}`);
          settle(!error && !this.#ended);
        });
      } catch (error) {
        this.#unconfirmed.delete(settle);
        const { name, message } = error as Error;
        if (name !== "IllegalOperationError") return reject(new Unpublishable(message));
        this.#end(message);
        resolve(false);
      }
    });
  }

  /** How many messages wait in a queue; `undefined` where the broker does not tell. */
  async waiting(queue: string): Promise<number | undefined> {
    if (this.#ended) return undefined;
    try {
      this.#asking ??= await askingChannel(this.#consuming);
      return (await this.#asking.checkQueue(queue)).messageCount;
    } catch (error) {
      this.#asking = undefined;
      log.debug("the length of {queue} is not known: {error}", { queue, error: messageOf(error) });
      return undefined;
    }
  }

  /** Ends it: what is not acknowledged goes back to its queue. */
  async close(): Promise<void> {
    this.#end("it was closed");
    await Promise.allSettled([this.#consuming.close(), this.#publishing.close()]);
  }

  #settle(action: () => void): void {
    if (this.#ended) return;
    try {
      action();
    } catch (error) {
      // The channel has closed, and nobody has been told yet.
      this.#end(messageOf(error));
    }
  }

  #end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#lose.resolve(reason);
    for (const settle of this.#unconfirmed) settle(false);
    if (reason !== "it was closed") {
      abandon(this.#consuming);
      abandon(this.#publishing);
    }
  }
}

async function connect(url: string, does: string): Promise<ChannelModel> {
  // Late: only who takes messages needs it.
  const { connect } = (await import("amqplib")).default;
  try {
    const connection = await connect(connectUrl(url), {
      timeout: connectTimeout,
      noDelay: true,
      clientProperties: { connection_name: `hurricane ${does}` },
    });
    // It may end before anybody listens, and an error that nobody listens to ends the process.
    connection.on("error", ignore);
    return connection;
  } catch (error) {
    throw connectError(url, error);
  }
}

async function askingChannel(connection: ChannelModel): Promise<Channel> {
  const channel = await connection.createChannel();
  channel.on("error", ignore);
  return channel;
}

/** Refuses a queue that does not exist. What is wrong with it closes the channel that asks. */
async function requireQueue(connection: ChannelModel, queue: string): Promise<void> {
  const channel = await askingChannel(connection);
  try {
    await channel.checkQueue(queue);
  } catch (error) {
    throw brokerError(`the queue ${JSON.stringify(queue)} cannot be used`, error);
  }
  await channel.close();
}

/** Declares a queue, unless there is one of that name, however it was declared. */
async function declareQueue(
  connection: ChannelModel,
  queue: string,
  options: Options.AssertQueue,
): Promise<void> {
  const channel = await askingChannel(connection);
  try {
    await channel.assertQueue(queue, options);
    await channel.close();
  } catch (error) {
    const declared = await requireQueue(connection, queue).then(() => true, () => false);
    if (declared) return;
    throw brokerError(
      `the queue ${
        JSON.stringify(queue)
      }, in which messages wait for another try, can neither be ` +
        "declared nor found",
      error,
    );
  }
}

/** Closes a connection that nothing more is expected of. */
function abandon(connection: ChannelModel): void {
  connection.close().catch(ignore);
}

/** What is wrong is told by the one who waits for an answer, or has ended already. */
function ignore(): void {}
