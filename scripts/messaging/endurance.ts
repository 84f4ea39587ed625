/**
 * Messages through two Hurricanes to which everything happens that happens to a service.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { form, type Hurricane, serve } from "../../tests/support/hurricane.ts";
import { signal } from "../../tests/support/processes.ts";
import { RabbitMq } from "../../tests/support/rabbitmq.ts";
import { TempDir } from "../../tests/support/temp_dir.ts";
import { eventually } from "../../tests/support/wait.ts";

/** Writes a line for each message that it answers, and fails one in a hundred at its first try. */
const handler = `
import { appendFileSync } from "node:fs";
import process from "node:process";

const file = process.env.SEEN;
export default {
  async fetch(request) {
    await request.arrayBuffer();
    const of = (name) => request.headers.get("amqp-" + name);
    await new Promise((resolve) => setTimeout(resolve, 3 * Math.random()));
    if (of("retries") === "0" && Math.random() < 0.01) return new Response(null, { status: 503 });
    appendFileSync(file, of("message-id") + " " + of("retries") + " " + of("redelivered") + "\\n");
    return new Response();
  },
};
`;

/** What is published at a time, and confirmed before more is. */
const batch = 500;

/** How long nothing more may come before the rest counts as lost, in milliseconds. */
const patience = 120_000;

const queueName = "endurance";

/** Says how it went. `false` where something is lost, or came twice without a reason. */
export async function endurance(count: number): Promise<boolean> {
  await using stack = new AsyncDisposableStack();
  const broker = stack.use(await RabbitMq.start());
  using dir = new TempDir();
  const seen = dir.file("seen", "");
  const quorum = { "x-queue-type": "quorum" };
  await broker.queue(quorum, queueName);
  const start = async (): Promise<Hurricane> =>
    stack.use(
      await serve(handler, {
        args: [
          ...[`--amqp-queue=${queueName}`, "--amqp-prefetch=50", "--workers=2"],
          ...["--max-restarts=1000"],
        ],
        env: { HURRICANE_AMQP_URL: broker.url, SEEN: seen },
      }),
    );
  const hurricanes = await startBoth(start);
  const began = Date.now();
  const publisher = new Publisher(broker, count);
  const published = publisher.run();
  const incidents = new Map<string, number>();
  const happened = (what: string): void => {
    incidents.set(what, (incidents.get(what) ?? 0) + 1);
    console.log(
      `${Math.round((Date.now() - began) / 1000)} s: ${what}, ${lines(seen).length} seen`,
    );
  };

  for (let round = 0; !publisher.done; round++) {
    await sleep(1500);
    const which = round % 2;
    const hurricane = hurricanes[which] as Hurricane;
    const progress = publisher.confirmed / count;
    if (progress > 0.25 && !incidents.has("broker restarted")) {
      publisher.pause();
      await broker.down("SIGTERM");
      await broker.up();
      happened("broker restarted");
    } else if (progress > 0.55 && !incidents.has("broker killed")) {
      publisher.pause();
      await broker.down("SIGKILL");
      await broker.up();
      happened("broker killed");
    } else if (progress > 0.75 && !incidents.has("Hurricane killed")) {
      signal(hurricane.pid, "SIGKILL");
      await hurricane.exited;
      hurricanes[which] = await start();
      happened("Hurricane killed");
    } else if (round % 3 === 0) {
      const [pid] = workersOf(hurricane).sort(() => Math.random() - 0.5);
      if (pid !== undefined) signal(pid, "SIGKILL");
      happened("worker killed");
    } else if (round % 3 === 1) {
      hurricane.signal("SIGHUP");
      happened("reload");
    } else if (round % 9 === 2) {
      const pid = pumpOf(hurricane);
      if (pid !== undefined) signal(pid, "SIGKILL");
      happened("pump killed");
    }
  }
  await published;
  const missing = await rest(seen, count);
  const queue = await broker.queue(quorum, queueName);
  await eventually("an empty queue", async () => await queue.waiting() === 0);
  const dead = (await queue.channel.checkQueue(queue.dead)).messageCount;
  const codes = await Promise.all(hurricanes.map((hurricane) => hurricane.stop()));
  return report({
    seen,
    count,
    missing,
    dead,
    codes,
    incidents,
    seconds: (Date.now() - began) / 1000,
  }, publisher);
}

async function startBoth(start: () => Promise<Hurricane>): Promise<Hurricane[]> {
  return [await start(), await start()];
}

interface Result {
  seen: string;
  count: number;
  missing: number;
  dead: number;
  codes: (number | null)[];
  incidents: ReadonlyMap<string, number>;
  seconds: number;
}

function report(result: Result, publisher: Publisher): boolean {
  const { seen, count, missing, dead, codes, incidents, seconds } = result;
  const times = new Map<string, number>();
  const reasons = { redelivered: 0, retried: 0, "published twice": 0, none: 0 };
  for (const line of lines(seen)) {
    const [id = "", retries, redelivered] = line.split(" ");
    const before = times.get(id) ?? 0;
    times.set(id, before + 1);
    if (before === 0) continue;
    if (redelivered === "true") reasons.redelivered++;
    else if (retries !== "0") reasons.retried++;
    else if (publisher.twice.has(id)) reasons["published twice"]++;
    else reasons.none++;
  }
  console.log(`form: ${form}, ${seconds.toFixed(0)} s`);
  for (const [what, often] of incidents) console.log(`${what}: ${often} times`);
  console.log(`published and confirmed: ${count}; seen: ${times.size}; missing: ${missing}`);
  console.log(`rejected: ${dead}; exit codes: ${codes.join(", ")}`);
  console.log(`seen more than once, by why: ${JSON.stringify(reasons)}`);
  return missing === 0 && dead === 0 && reasons.none === 0 && codes.every((code) => code === 0);
}

/** Publishes messages with their numbers as ids, until the broker has confirmed each. */
class Publisher {
  confirmed = 0;
  /** Ids of a batch that was published again, because it is not known what became of it. */
  readonly twice = new Set<string>();
  readonly #broker: RabbitMq;
  readonly #count: number;
  #failed = false;

  constructor(broker: RabbitMq, count: number) {
    this.#broker = broker;
    this.#count = count;
  }

  get done(): boolean {
    return this.confirmed >= this.#count;
  }

  /** The broker is about to go. */
  pause(): void {
    this.#failed = true;
  }

  async run(): Promise<void> {
    let again = false;
    while (!this.done) {
      const ids = Array.from(
        { length: Math.min(batch, this.#count - this.confirmed) },
        (_, index) => String(this.confirmed + index),
      );
      if (again) { for (const id of ids) this.twice.add(id); }
      this.#failed = false;
      again = !await this.#publish(ids) || this.#failed;
      if (!again) this.confirmed += ids.length;
      else await sleep(500);
      // So that all of it happens while messages come.
      await sleep(100);
    }
  }

  /** Did the broker confirm all of them? */
  async #publish(ids: readonly string[]): Promise<boolean> {
    try {
      const channel = await this.#broker.channel();
      for (const messageId of ids) {
        channel.sendToQueue(queueName, Buffer.alloc(1000), { messageId, persistent: true });
      }
      await channel.waitForConfirms();
      await channel.close();
      return true;
    } catch (error) {
      // The broker is away: said once, for it is tried every half second.
      if (!this.#failed) console.log(`publishing failed: ${error}`);
      return false;
    }
  }
}

/** Waits for the rest. Gives how many do not come. */
async function rest(seen: string, count: number): Promise<number> {
  let [known, since] = [0, Date.now()];
  for (;;) {
    const ids = new Set(lines(seen).map((line) => line.split(" ")[0])).size;
    if (ids >= count) return 0;
    if (ids > known) [known, since] = [ids, Date.now()];
    if (Date.now() - since > patience) return count - ids;
    await sleep(1000);
  }
}

function lines(file: string): string[] {
  return readFileSync(file, "utf8").split("\n").filter((line) => line !== "");
}

function isPump(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").includes("HURRICANE_INTERNAL_PUMP=");
  } catch {
    // It has ended.
    return false;
  }
}

function workersOf(hurricane: Hurricane): number[] {
  return hurricane.children().filter((pid) => !isPump(pid));
}

function pumpOf(hurricane: Hurricane): number | undefined {
  return hurricane.children().find(isPump);
}
