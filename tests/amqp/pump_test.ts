import { after, before, describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import type { HandlerClient } from "../../src/amqp/handler_client.ts";
import { Pump } from "../../src/amqp/pump.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { RabbitMq, rabbitmqMissing, type TestQueue } from "../support/rabbitmq.ts";
import { eventually } from "../support/wait.ts";

if (rabbitmqMissing !== undefined) console.log(`${rabbitmqMissing} (amqp/pump_test.ts)`);

describe("the pump", { skip: rabbitmqMissing ?? false }, () => {
  let broker: RabbitMq;
  before(async () => {
    broker = await RabbitMq.start();
  });
  after(async () => {
    await broker[Symbol.asyncDispose]();
  });

  /** One that takes messages of a queue, and gives them to this handler. */
  async function pumping(
    { name }: TestQueue,
    post: HandlerClient["post"],
    retries = 1,
  ): Promise<{ pump: Pump; obstacles: (string | undefined)[] }> {
    const obstacles: (string | undefined)[] = [];
    const subscriptions = [{ queue: name, path: "/" }];
    const pump = new Pump({ url: broker.url, subscriptions, prefetch: 2, retries }, {
      obstacle: (reason) => obstacles.push(reason),
    });
    await pump.open();
    pump.consume({ post });
    await eventually("messages to be taken", () => obstacles.includes(undefined));
    return { pump, obstacles };
  }

  const done = { status: 200, contentType: undefined, body: new Uint8Array() };

  test("tries a message again that cannot be posted, and rejects it then", async () => {
    using log = new CapturedLog();
    const queue = await broker.queue();
    let posted = 0;
    const { pump } = await pumping(queue, () => {
      posted++;
      return Promise.reject(new TypeError("no such header"));
    });
    await queue.publish(["a"], { messageId: "m" });
    assertEquals((await queue.rejected()).properties.messageId, "m");
    assertEquals(posted, 2);
    await log.logged(/is rejected \(m\): it could not be posted: no such header, at try 2$/);
    const [counts] = await pump.counts();
    assertEquals(counts?.fates, { acknowledged: 0, retried: 1, rejected: 1, returned: 0 });
    await pump.stop(1000);
  });

  test("rejects what it cannot publish again, and goes on", async () => {
    using log = new CapturedLog();
    const queue = await broker.queue();
    const { pump, obstacles } = await pumping(
      queue,
      () => Promise.resolve({ ...done, status: 503 }),
    );
    // The library has 64 KB for headers, and Hurricane's own come to these.
    await queue.publish(["a"], { messageId: "m", headers: { a: "x".repeat(65_500) } });
    assertEquals((await queue.rejected()).properties.messageId, "m");
    await log.logged(/is rejected \(m\): it cannot be published for a retry: /);
    assertEquals(obstacles, [undefined]);
    await pump.stop(1000);
  });

  test("is done with a message whose answer cannot be sent", async () => {
    using log = new CapturedLog();
    const queue = await broker.queue();
    const { pump, obstacles } = await pumping(
      queue,
      () => Promise.resolve({ ...done, contentType: `text/plain; a="${"x".repeat(300)}"` }),
    );
    await queue.publish(["a"], { replyTo: queue.dead, messageId: "m" });
    await log.logged(/^the answer to a message of .* cannot be sent \(m\): /);
    await eventually("its acknowledgement", async () => {
      const [counts] = await pump.counts();
      return counts?.fates.acknowledged === 1;
    });
    assertEquals(obstacles, [undefined]);
    await pump.stop(1000);
  });

  test("counts and stops where the broker is silent", async () => {
    const queue = await broker.queue();
    const { pump, obstacles } = await pumping(queue, () => Promise.resolve(done));
    broker.freeze("SIGSTOP");
    try {
      const [counts] = await pump.counts();
      assertEquals(counts?.waiting, undefined);
      await pump.stop(10);
    } finally {
      broker.freeze("SIGCONT");
    }
    // Until heartbeats fail, in half a minute, nobody knows that it is silent.
    assertEquals(obstacles, [undefined]);
  });
});
