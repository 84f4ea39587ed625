/**
 * A RabbitMQ of one's own, and what a publisher does.
 *
 * @module
 */
import amqplib, { type ChannelModel, type ConfirmChannel, type Options } from "amqplib";
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { freePort } from "./free_port.ts";
import { commandLine, marked, signal } from "./processes.ts";
import { Program, run } from "./program.ts";
import { TempDir } from "./temp_dir.ts";
import { eventually } from "./wait.ts";

/** Debian's /usr/sbin/rabbitmq-server changes users and folders; this is what it calls. */
const server = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/** Why there is none; `undefined` where there is. */
export const rabbitmqMissing = existsSync(server)
  ? undefined
  : `skipped: there is no ${server} (Debian has it in the package rabbitmq-server)`;

/** A queue that messages are taken from, what is published to it, and where what is rejected goes. */
export class TestQueue {
  readonly name: string;
  readonly dead: string;
  readonly channel: ConfirmChannel;

  constructor(channel: ConfirmChannel, name: string) {
    this.channel = channel;
    this.name = name;
    this.dead = `${name}.dead`;
  }

  /** Publishes messages to it, and waits until the broker has them. */
  async publish(bodies: readonly (string | Uint8Array)[], options: Options.Publish = {}) {
    for (const body of bodies) {
      const content = Buffer.from(body);
      this.channel.sendToQueue(this.name, content, { persistent: true, ...options });
    }
    await this.channel.waitForConfirms();
  }

  /** How many messages wait in it. */
  async waiting(): Promise<number> {
    return (await this.channel.checkQueue(this.name)).messageCount;
  }

  /** The next message that was rejected. */
  rejected() {
    return eventually(`a message in ${this.dead}`, () => this.channel.get(this.dead));
  }
}

/** A broker on ports of its own, in a folder of its own. */
export class RabbitMq implements AsyncDisposable {
  readonly url: string;
  readonly #dir = new TempDir();
  readonly #env: Record<string, string>;
  readonly #mark = randomUUID();
  #program: Program | undefined;
  #connection: ChannelModel | undefined;

  private constructor(port: number, distPort: number, epmdPort: number) {
    this.url = `amqp://guest:guest@127.0.0.1:${port}`;
    const { path } = this.#dir;
    this.#dir.file("rabbitmq.conf", "disk_free_limit.absolute = 1MB\n");
    this.#dir.file("plugins", "[].\n");
    this.#env = {
      PATH: process.env["PATH"] ?? "",
      // The Erlang cookie is there.
      HOME: path,
      ERL_EPMD_PORT: String(epmdPort),
      ERL_EPMD_ADDRESS: "127.0.0.1",
      RABBITMQ_NODENAME: `hurricane${port}@localhost`,
      RABBITMQ_MNESIA_BASE: `${path}/mnesia`,
      RABBITMQ_LOG_BASE: `${path}/log`,
      RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
      RABBITMQ_NODE_PORT: String(port),
      RABBITMQ_DIST_PORT: String(distPort),
      RABBITMQ_CONFIG_FILE: `${path}/rabbitmq`,
      RABBITMQ_ENABLED_PLUGINS_FILE: `${path}/plugins`,
      RABBITMQ_PID_FILE: `${path}/pid`,
    };
  }

  /** Starts one, and waits until it takes connections. */
  static async start(): Promise<RabbitMq> {
    const broker = new RabbitMq(await freePort(), await freePort(), await freePort());
    try {
      await broker.up();
    } catch (error) {
      await broker[Symbol.asyncDispose]();
      throw error;
    }
    return broker;
  }

  /** Starts it again with what it has kept. */
  async up(): Promise<void> {
    this.#program = new Program({ file: server, env: this.#env }, this.#mark);
    const program = this.#program;
    let connection: ChannelModel | undefined;
    await eventually("RabbitMQ to take connections", async () => {
      connection = await amqplib.connect(this.url).catch(() => undefined);
      return connection !== undefined;
    }).catch((error) => {
      throw new Error(`${error.message}\n${program.stdout.items.join("\n")}`);
    });
    this.#connection = connection;
    // It ends with the broker.
    connection?.on("error", () => {});
  }

  /** Ends it: as an operator does, or at once. */
  async down(name: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    for (const pid of this.#nodes()) signal(pid, name);
    await eventually("the end of RabbitMQ", () => this.#nodes().length === 0);
    await this.#program?.ended;
  }

  /** Stops its processes as SIGSTOP does, or lets them go on. */
  freeze(name: "SIGSTOP" | "SIGCONT"): void {
    for (const pid of this.#nodes()) signal(pid, name);
  }

  /** Runs a command of `rabbitmqctl` on it. */
  async control(...words: string[]): Promise<void> {
    const env = { ...this.#env, RABBITMQ_DIST_PORT: "" };
    const { code, stderr } = await run({
      file: "/usr/lib/rabbitmq/bin/rabbitmqctl",
      args: words,
      env,
    });
    if (code !== 0) throw new Error(`rabbitmqctl ${words.join(" ")} ended with ${code}: ${stderr}`);
  }

  /** A queue with a dead-letter queue, of the kind that keeps messages when a broker is killed. */
  async queue(
    args: Record<string, unknown> = { "x-queue-type": "quorum" },
    name: string = `jobs-${randomUUID()}`,
  ): Promise<TestQueue> {
    const channel = await this.channel();
    const queue = new TestQueue(channel, name);
    await channel.assertQueue(queue.dead);
    await channel.assertQueue(name, {
      arguments: {
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": queue.dead,
        ...args,
      },
    });
    return queue;
  }

  async channel(): Promise<ConfirmChannel> {
    if (this.#connection === undefined) throw new Error("the broker is not up");
    const channel = await this.#connection.createConfirmChannel();
    channel.on("error", () => {});
    return channel;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program?.[Symbol.asyncDispose]();
    this.#dir[Symbol.dispose]();
  }

  #nodes(): number[] {
    return marked(this.#mark).filter((pid) => /\bbeam(\.smp)?\b/.test(commandLine(pid)));
  }

  /** What the broker has logged. */
  get log(): string {
    return readFileSync(`${this.#dir.path}/log/${this.#env["RABBITMQ_NODENAME"]}.log`, "utf8");
  }
}
