import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { serve } from "../../src/mod.ts";
import { request } from "../support/http.ts";
import { RabbitMq, rabbitmqMissing } from "../support/rabbitmq.ts";
import { eventually, Feed } from "../support/wait.ts";

if (rabbitmqMissing !== undefined) console.log(`${rabbitmqMissing} (amqp/serve_test.ts)`);

describe("serve() in a program", { skip: rabbitmqMissing ?? false }, () => {
  test("takes messages, and gives back what it has not done when it stops", async () => {
    await using broker = await RabbitMq.start();
    const queue = await broker.queue();
    const bodies = new Feed<string>();
    const release = Promise.withResolvers<void>();
    const options = {
      port: 0,
      host: "127.0.0.1",
      amqpUrl: broker.url,
      amqpQueue: `${queue.name}=/jobs`,
      amqpPrefetch: 1,
      logLevel: "error",
    } as const;
    const service = await serve({
      async fetch(incoming: Request) {
        if (incoming.method === "GET") return new Response("a request");
        bodies.push(await incoming.text());
        await release.promise;
        return new Response();
      },
    }, options);
    await queue.publish(["first", "second"]);
    await bodies.first(1);
    assertEquals((await request(service.url)).text, "a request");
    assertMatch(
      (await request(`${service.probeUrl}/metrics`)).text,
      /^hurricane_amqp_inflight_messages\{queue=".*"\} 1$/m,
    );
    const stopped = service.stop();
    release.resolve();
    assertEquals(await stopped, true);
    assertEquals(bodies.items, ["first"]);
    await eventually("the second one in its queue", async () => await queue.waiting() === 1);
    await assertRejects(
      () => serve(() => new Response(), { ...options, amqpQueue: "nowhere" }),
      Error,
      "the queue \"nowhere\" cannot be used: no queue 'nowhere' in vhost '/'",
    );
  });
});
