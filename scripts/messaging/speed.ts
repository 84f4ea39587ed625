/**
 * How many messages a second, and how much later than by a plain consumer.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { form, runtime, serve } from "../../tests/support/hurricane.ts";
import { root } from "../../tests/support/instance.ts";
import { ownEnvironment } from "../../tests/support/processes.ts";
import { Program } from "../../tests/support/program.ts";
import { RabbitMq, type TestQueue } from "../../tests/support/rabbitmq.ts";
import type { Feed } from "../../tests/support/wait.ts";

const rounds = 3;
const here = join(root, "scripts/messaging");

/** What the handler says at the end. */
interface Measured {
  milliseconds: number;
  p50: number;
  p99: number;
}

/** Starts a consumer of a queue; resolves when it is there. */
type Contender = (broker: RabbitMq, queue: TestQueue, count: number) => Promise<{
  stdout: Feed<string>;
  [Symbol.asyncDispose](): Promise<void>;
}>;

function plain(prefetch: number): Contender {
  return async (broker, { name }, count) => {
    const file = process.env[runtime === "bun" ? "HURRICANE_BUN" : "HURRICANE_DENO"] ?? "";
    const words = runtime === "bun" ? ["run"] : ["run", "-A", "--quiet"];
    const script = join(here, "plain_consumer.ts");
    const program = new Program({
      file,
      args: [...words, script, broker.url, name, String(prefetch)],
      cwd: root,
      env: { ...ownEnvironment() as Record<string, string>, COUNT: String(count) },
    });
    await program.stdout.until("ready", (line) => line === "ready");
    return program;
  };
}

function hurricane(prefetch: number): Contender {
  return (broker, { name }, count) =>
    serve(readFileSync(join(here, "counting_handler.ts"), "utf8"), {
      args: [`--amqp-queue=${name}`, `--amqp-prefetch=${prefetch}`],
      env: { HURRICANE_AMQP_URL: broker.url, COUNT: String(count) },
    });
}

const contenders: Record<string, Contender> = {
  "plain, prefetch 1": plain(1),
  "plain, prefetch 10": plain(10),
  "Hurricane, prefetch 1": hurricane(1),
  "Hurricane, prefetch 10": hurricane(10),
  "Hurricane, prefetch 50": hurricane(50),
};

/** Says it as Markdown. */
export async function speed(count: number): Promise<void> {
  await using broker = await RabbitMq.start();
  console.log(`form: ${form}; the middle of ${rounds} rounds in turn\n`);
  for (const [kb, many] of [[1, count], [100, Math.ceil(count / 5)]] as const) {
    const found = await inTurn(async (contender) => {
      const queue = await broker.queue();
      await fill(queue, many, kb * 1024);
      await using consumer = await contender(broker, queue, many);
      const { milliseconds } = await said(consumer.stdout);
      return 1000 * many / milliseconds;
    });
    for (const [name, rates] of found) {
      console.log(`| ${kb} KB | ${name} | ${Math.round(middle(rates))}/s |`);
    }
  }
  const few = 500;
  const found = await inTurn(async (contender) => {
    const queue = await broker.queue();
    await using consumer = await contender(broker, queue, few);
    await sleep(1000);
    for (let sent = 0; sent < few; sent++) {
      queue.channel.sendToQueue(queue.name, body(1024), { persistent: true });
      await sleep(5);
    }
    return await said(consumer.stdout);
  });
  for (const [name, latencies] of found) {
    const p50 = middle(latencies.map(({ p50 }) => p50)).toFixed(1);
    const p99 = middle(latencies.map(({ p99 }) => p99)).toFixed(1);
    console.log(`| latency at up to 200/s | ${name} | p50 ${p50} ms, p99 ${p99} ms |`);
  }
}

async function inTurn<T>(measure: (contender: Contender) => Promise<T>): Promise<Map<string, T[]>> {
  const found = new Map<string, T[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, contender] of Object.entries(contenders)) {
      found.set(name, [...found.get(name) ?? [], await measure(contender)]);
    }
  }
  return found;
}

async function said(stdout: Feed<string>): Promise<Measured> {
  const line = await stdout.until("the end of a measurement", (line) => line.startsWith("{"));
  return JSON.parse(line);
}

async function fill(queue: TestQueue, count: number, size: number): Promise<void> {
  const step = 500;
  for (let sent = 0; sent < count; sent += step) {
    await queue.publish(Array.from({ length: Math.min(step, count - sent) }, () => body(size)));
  }
}

function body(size: number): Buffer {
  const bytes = Buffer.alloc(size, "a");
  bytes.writeDoubleBE(performance.timeOrigin + performance.now());
  return bytes;
}

/** The lower of the two in the middle, where there are two. */
function middle(values: number[]): number {
  return values.toSorted((a, b) => a - b)[(values.length - 1) >> 1] ?? NaN;
}
