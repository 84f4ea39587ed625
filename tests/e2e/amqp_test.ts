import { after, before, describe, test } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { CloudEvent, HTTP } from "cloudevents";
import { readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { createServer } from "node:tls";
import { join } from "node:path";
import { certificate } from "../support/certificate.ts";
import { freePort } from "../support/free_port.ts";
import { form, type Hurricane, launch, run, serve } from "../support/hurricane.ts";
import { messageHandler, type Seen } from "../support/message_handler.ts";
import { commandLine, signal } from "../support/processes.ts";
import { Program } from "../support/program.ts";
import { RabbitMq, rabbitmqMissing, type TestQueue } from "../support/rabbitmq.ts";
import { TempDir } from "../support/temp_dir.ts";
import { eventually } from "../support/wait.ts";

if (rabbitmqMissing !== undefined) console.log(`${rabbitmqMissing} (amqp_test.ts)`);

describe(`messages (${form})`, { skip: rabbitmqMissing ?? false }, () => {
  let broker: RabbitMq;
  before(async () => {
    broker = await RabbitMq.start();
  });
  after(async () => {
    await broker[Symbol.asyncDispose]();
  });

  /** Serves with messages of a queue, which are posted to `/work`. */
  function consume(queue: TestQueue, args: string[] = [], handler = messageHandler) {
    return serve(handler, {
      args: [`--amqp-queue=${queue.name}=/work`, ...args],
      env: { HURRICANE_AMQP_URL: broker.url },
    });
  }

  /** Waits until the handler has got a message for the nth time. */
  async function seen(hurricane: Hurricane, body: string, times = 1): Promise<Seen> {
    const which = () =>
      hurricane.stdout.items.filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as Seen).filter((message) => message.body === body);
    return await eventually(`"${body}" for the ${times}. time`, () => which()[times - 1]);
  }

  function metric(hurricane: Hurricane, line: string): Promise<string> {
    let text = "";
    return eventually(`the metric ${line}`, async () => {
      text = (await hurricane.probe("/metrics")).text;
      return text.split("\n").includes(line) && text;
    }).catch((error) => {
      throw new Error(`${error.message}; there was\n${text}`);
    });
  }

  function counted(hurricane: Hurricane, { name }: TestQueue, outcome: string, count: number) {
    return metric(
      hurricane,
      `hurricane_amqp_messages_total{queue="${name}",outcome="${outcome}"} ${count}`,
    );
  }

  function counterOf(text: string, { name }: TestQueue, outcome: string): number {
    const start = `hurricane_amqp_messages_total{queue="${name}",outcome="${outcome}"} `;
    const line = text.split("\n").find((line) => line.startsWith(start));
    return Number(line?.slice(start.length));
  }

  test("amqps, with a certificate of an authority of one's own", async () => {
    const authority = certificate({ name: "authority", authority: true });
    const { cert, key } = certificate({ issuer: authority });
    const { port: brokerPort } = new URL(broker.url);
    using dir = new TempDir();
    const trusted = dir.file("authority.crt", authority.cert);
    const front = createServer({ cert, key }, (socket) => {
      const behind = connect(Number(brokerPort), "127.0.0.1");
      socket.pipe(behind).pipe(socket);
      for (const one of [socket, behind]) one.on("error", () => one.destroy());
    });
    await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
    const { port } = front.address() as AddressInfo;
    const queue = await broker.queue();
    const env = { HURRICANE_AMQP_URL: `amqps://guest:guest@localhost:${port}` };
    const args = [`--amqp-queue=${queue.name}=/work`];
    {
      await using hurricane = launch(messageHandler, { args, env });
      await hurricane.logged(/: unable to verify the first certificate$/);
    }
    {
      await using hurricane = await serve(messageHandler, {
        args,
        env: { ...env, NODE_EXTRA_CA_CERTS: trusted },
      });
      await queue.publish(["hello"]);
      await seen(hurricane, "hello");
    }
    await new Promise((resolve) => front.close(resolve));
  });

  test("a message is a POST, with its properties and headers", async () => {
    const queue = await broker.queue();
    await using hurricane = await consume(queue);
    await queue.publish(["hello"], {
      contentType: "text/plain; charset=utf-8",
      messageId: "m-1",
      correlationId: "c-1",
      type: "greeting",
      appId: "tests",
      priority: 3,
      expiration: "60000",
      timestamp: 1_700_000_000,
      headers: {
        "Tenant": "Zoë 100%",
        "table": { a: 1 },
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      },
    });
    const { path, headers } = await seen(hurricane, "hello");
    assertEquals(path, "/work");
    // Each client has its own of these.
    const { host: _, connection: __, accept: ___, ...rest } = headers;
    assertEquals(rest, {
      "amqp-app-id": "tests",
      "amqp-correlation-id": "c-1",
      "amqp-delivery-mode": "2",
      "amqp-exchange": "",
      "amqp-expiration": "60000",
      "amqp-header-table": '{"a":1}',
      "amqp-header-tenant": "Zo%C3%AB 100%25",
      "amqp-message-id": "m-1",
      "amqp-priority": "3",
      "amqp-queue": queue.name,
      "amqp-redelivered": "false",
      "amqp-retries": "0",
      "amqp-routing-key": queue.name,
      "amqp-timestamp": "1700000000",
      "amqp-type": "greeting",
      "content-length": "5",
      "content-type": "text/plain; charset=utf-8",
      "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "user-agent": "hurricane",
    });
    await counted(hurricane, queue, "acknowledged", 1);
    assertEquals(await hurricane.stop(), 0);
    assertEquals(await queue.waiting(), 0);
  });

  test("a body is what it was, byte by byte, also of 1 MB", async () => {
    const queue = await broker.queue();
    await using hurricane = await consume(
      queue,
      [],
      `import { createHash } from "node:crypto";
      export default {
        async fetch(request) {
          const body = new Uint8Array(await request.arrayBuffer());
          console.log(body.length, createHash("sha256").update(body).digest("hex"));
          return new Response();
        },
      };`,
    );
    const body = Uint8Array.from({ length: 1_000_000 }, (_, index) => index * 31 % 256);
    const digest = await crypto.subtle.digest("SHA-256", body);
    await queue.publish([body]);
    await hurricane.printed(`1000000 ${Buffer.from(digest).toString("hex")}`);
  });

  test("what passes is tried again after a pause, and does not block what is behind it", async () => {
    const queue = await broker.queue();
    await using hurricane = await consume(queue, ["--amqp-prefetch=1"]);
    const exchange = `exchange-${queue.name}`;
    await queue.channel.assertExchange(exchange, "topic", { autoDelete: true });
    await queue.channel.bindQueue(queue.name, exchange, "a.*");
    queue.channel.publish(exchange, "a.b", Buffer.from("once 503"), {
      messageId: "m",
      expiration: "50000",
      // What would be sent to others as well, had the retry kept it.
      headers: { CC: ["nobody"], mine: "kept" },
    });
    await queue.publish(["next"]);
    await seen(hurricane, "next");
    const again = await seen(hurricane, "once 503", 2);
    assertEquals(again.headers["amqp-retries"], "1");
    assertEquals(again.headers["amqp-message-id"], "m");
    assertEquals(again.headers["amqp-exchange"], exchange);
    assertEquals(again.headers["amqp-routing-key"], "a.b");
    assertEquals(again.headers["amqp-header-mine"], "kept");
    assertEquals(again.headers["amqp-header-x-death"], undefined);
    const order = hurricane.stdout.items.map((line) => (JSON.parse(line) as Seen).body);
    assertEquals(order, ["once 503", "next", "once 503"]);
    await counted(hurricane, queue, "acknowledged", 2);
    await counted(hurricane, queue, "retried", 1);
  });

  test("408, 425, 429 and 5xx are tried again, also from a classic queue", async () => {
    const queue = await broker.queue({});
    await using hurricane = await consume(queue);
    const statuses = [408, 425, 429, 500, 502];
    await queue.publish(statuses.map((status) => `once ${status}`));
    for (const status of statuses) await seen(hurricane, `once ${status}`, 2);
    await counted(hurricane, queue, "acknowledged", statuses.length);
  });

  test("what is refused, or was tried too often, reaches the dead-letter queue", async () => {
    const queue = await broker.queue();
    await using hurricane = await consume(queue, ["--amqp-retries=1"]);
    await queue.publish(["status 422"], { messageId: "refused" });
    const refused = await queue.rejected();
    assertEquals(refused.properties.messageId, "refused");
    assertEquals(refused.properties.headers?.["x-first-death-reason"], "rejected");
    await queue.publish(["status 500"], { messageId: "failed" });
    const failed = await queue.rejected();
    assertEquals(failed.properties.messageId, "failed");
    assertEquals((await seen(hurricane, "status 500", 2)).headers["amqp-retries"], "1");
    await hurricane.logged(/is rejected \(refused\): the handler answered 422$/);
    await hurricane.logged(/is rejected \(failed\): the handler answered 500, at try 2$/);
    await counted(hurricane, queue, "rejected", 2);
  });

  test("the number of tries survives another Hurricane", async () => {
    const queue = await broker.queue({});
    await queue.publish(["once 503"]);
    await using first = await consume(queue);
    await counted(first, queue, "retried", 1);
    assertEquals(await first.stop(), 0);
    await using second = await consume(queue);
    assertEquals((await seen(second, "once 503")).headers["amqp-retries"], "1");
  });

  test("a crash in the middle of a message: another try, by the next process", async () => {
    const queue = await broker.queue();
    await using hurricane = await consume(queue);
    await queue.publish(["exit"]);
    const { headers } = await seen(hurricane, "exit", 2);
    assertEquals(headers["amqp-retries"], "1");
    assertEquals(headers["amqp-redelivered"], "false");
    await counted(hurricane, queue, "acknowledged", 1);
  });

  test("Hurricane is killed in the middle of a message: the broker delivers it again", async () => {
    const queue = await broker.queue();
    await using first = await consume(queue);
    await queue.publish(["hold"]);
    await seen(first, "hold");
    first.signal("SIGKILL");
    await first.exited;
    await using second = await consume(queue);
    const { headers } = await seen(second, "hold");
    assertEquals(headers["amqp-redelivered"], "true");
    writeFileSync(join(second.dir, "release"), "");
    await counted(second, queue, "acknowledged", 1);
    assertEquals(await second.stop(), 0);
  });

  test("the pump is killed: another one goes on, and readiness says so meanwhile", async () => {
    const queue = await broker.queue();
    await using hurricane = await consume(queue);
    await queue.publish(["first"]);
    await counted(hurricane, queue, "acknowledged", 1);
    signal(pumpOf(hurricane), "SIGKILL");
    await hurricane.logged(/^the message pump's process was killed by SIGKILL, and is started/);
    await queue.publish(["second"]);
    await seen(hurricane, "second");
    await counted(hurricane, queue, "acknowledged", 2);
    await hurricane.probeUntil("/ready", 200);
    assertEquals(await hurricane.stop(), 0);
  });

  test("draining: nothing new is taken, what is in the handler is acknowledged", async () => {
    const queue = await broker.queue();
    await using hurricane = await consume(queue, ["--amqp-prefetch=1", "--shutdown-delay=2s"]);
    await queue.publish(["hold", "later"]);
    await seen(hurricane, "hold");
    hurricane.signal("SIGTERM");
    await hurricane.logged(/^draining/);
    await eventually("the prefetched one to be back", async () => await queue.waiting() === 1);
    writeFileSync(join(hurricane.dir, "release"), "");
    assertEquals((await hurricane.exited).code, 0);
    assertEquals(hurricane.stdout.items.length, 1);
    const left = await queue.channel.get(queue.name);
    assertEquals(left && left.content.toString(), "later");
  });

  test("a reload while a message is in the handler: it ends where it began", async () => {
    const queue = await broker.queue();
    await using hurricane = await consume(queue);
    await queue.publish(["hold"]);
    await seen(hurricane, "hold");
    hurricane.signal("SIGHUP");
    await hurricane.logged(/^received SIGHUP/);
    await queue.publish(["next"]);
    await seen(hurricane, "next");
    writeFileSync(join(hurricane.dir, "release"), "");
    await hurricane.logged(/^all processes of the handler are replaced/);
    await counted(hurricane, queue, "acknowledged", 2);
    await counted(hurricane, queue, "retried", 0);
    assertEquals(await hurricane.stop(), 0);
  });

  test("with --watch, an edit is served to the next message", async () => {
    const queue = await broker.queue();
    await using hurricane = await consume(queue, ["--watch"]);
    await queue.publish(["first"]);
    await counted(hurricane, queue, "acknowledged", 1);
    writeFileSync(
      join(hurricane.dir, "handler.ts"),
      `export default { fetch() { console.log("edited"); return new Response(); } };`,
    );
    await hurricane.logged(/^reloaded/);
    await queue.publish(["second"]);
    await hurricane.printed("edited");
    await counted(hurricane, queue, "acknowledged", 2);
  });

  test("a blocked event loop for longer than three heartbeats: no message comes twice", async () => {
    const queue = await broker.queue();
    await using hurricane = await serve(messageHandler, {
      args: [`--amqp-queue=${queue.name}=/work`],
      env: { HURRICANE_AMQP_URL: `${broker.url}/?heartbeat=1` },
    });
    await queue.publish(["block 5000"]);
    await counted(hurricane, queue, "acknowledged", 1);
    assertEquals(hurricane.stdout.items.length, 1);
    assert(!hurricane.log.items.some(({ message }) => /^no messages are taken/.test(message)));
  });

  test("--request-timeout and --max-inflight hold for messages", async () => {
    const queue = await broker.queue();
    await using hurricane = await consume(queue, ["--request-timeout=300ms", "--amqp-retries=0"]);
    await queue.publish(["hold"], { messageId: "late" });
    assertEquals((await queue.rejected()).properties.messageId, "late");
    await hurricane.logged(/is rejected \(late\): the handler answered 504$/);
    writeFileSync(join(hurricane.dir, "release"), "");
    assertEquals(await hurricane.stop(), 0);
    await using shedding = await consume(queue, ["--max-inflight=1", "--amqp-prefetch=2"]);
    await queue.publish(["hold", "shed"]);
    await counted(shedding, queue, "retried", 1);
    writeFileSync(join(shedding.dir, "release"), "");
    await counted(shedding, queue, "acknowledged", 2);
  });

  test("what --max-wait refuses goes back to its queue, and comes again", async () => {
    const queue = await broker.queue();
    await using hurricane = await consume(
      queue,
      ["--max-wait=20ms", "--amqp-prefetch=20"],
      `export default {
        async fetch(request) {
          console.log("got", await request.text());
          const end = performance.now() + (request.headers.get("amqp-retries") === "0" ? 40 : 0);
          while (performance.now() < end);
          return new Response();
        },
      };`,
    );
    let published = 0;
    const refused = await eventually("messages to be refused", async () => {
      // Wave after wave: one that is over before the loop was late for long enough is taken.
      await queue.publish(Array.from({ length: 20 }, () => "x"));
      published += 20;
      await counted(hurricane, queue, "acknowledged", published);
      const { text } = await hurricane.probe("/metrics");
      return Number(/^hurricane_requests_shed_total\{reason="wait"\} (\d+)$/m.exec(text)?.[1]) ||
        null;
    });
    // Each of them was tried again, and none has got to the handler before.
    const { text } = await hurricane.probe("/metrics");
    assertEquals(counterOf(text, queue, "retried"), refused);
    assertEquals(counterOf(text, queue, "rejected"), 0);
    assertEquals(hurricane.stdout.items.length, published);
    assertEquals(await queue.waiting(), 0);
  });

  test("what another queue has dead-lettered says why", async () => {
    const queue = await broker.queue();
    const dead = `--amqp-queue=${queue.dead}=/dead`;
    await using hurricane = await consume(queue, [dead]);
    await queue.publish(["status 422"]);
    const { path, headers } = await seen(hurricane, "status 422", 2);
    assertEquals(path, "/dead");
    assertEquals(headers["amqp-header-x-first-death-reason"], "rejected");
    const [death] = JSON.parse(headers["amqp-header-x-death"] ?? "");
    assertEquals([death.queue, death.reason, death.count], [queue.name, "rejected", 1]);
    assert(Date.parse(death.time) > 0);
  });

  test("a handler with TLS gets messages, whatever its certificate is for", async () => {
    const queue = await broker.queue();
    using dir = new TempDir();
    const { cert, key } = certificate({ name: "elsewhere" });
    const files = [
      `--tls-cert=${dir.file("cert.pem", cert)}`,
      `--tls-key=${dir.file("key.pem", key)}`,
    ];
    await using hurricane = await consume(queue, files);
    await queue.publish(["hello", "once 503"]);
    await seen(hurricane, "once 503", 2);
    await counted(hurricane, queue, "acknowledged", 2);
  });

  test("an application has its queues built in, and gets the broker where it runs", {
    // Built by the executable, and by Deno for itself in half a minute.
    skip: form !== "executable",
  }, async () => {
    const queue = await broker.queue();
    using dir = new TempDir();
    const handler = dir.file("handler.ts", messageHandler);
    const app = join(dir.path, "app");
    const built = ["build", handler, "-o", app, "--", `--amqp-queue=${queue.name}=/work`];
    await using build = run(built);
    assertEquals((await build.exited).code, 0);
    await using program = await new Program({
      file: app,
      args: ["--host=127.0.0.1", "--port=0", "--probe-port=0"],
      cwd: dir.path,
      env: { HURRICANE_AMQP_URL: broker.url },
    }).serving();
    await queue.publish(["hello"]);
    const line = await program.stdout.until("a message", (line) => line.startsWith("{"));
    assertEquals((JSON.parse(line) as Seen).path, "/work");
    assertEquals(await program.stop(), 0);
  });

  test("a proxy that the environment names is not asked", async () => {
    const queue = await broker.queue();
    const proxy = `http://127.0.0.1:${await freePort()}`;
    await using hurricane = await serve(messageHandler, {
      args: [`--amqp-queue=${queue.name}=/work`],
      env: { HURRICANE_AMQP_URL: broker.url, HTTP_PROXY: proxy, http_proxy: proxy },
      files: { ".env": `HTTPS_PROXY=${proxy}\nALL_PROXY=${proxy}\n` },
    });
    await queue.publish(["hello"]);
    await counted(hurricane, queue, "acknowledged", 1);
  });

  test("consume is serve, but for a listener that others reach", async () => {
    const queue = await broker.queue();
    using dir = new TempDir();
    await using hurricane = run(
      [
        ...["consume", dir.file("handler.ts", messageHandler), "--port=0", "--probe-port=0"],
        `--amqp-queue=${queue.name}`,
      ],
      { HURRICANE_AMQP_URL_FILE: dir.file("url", `${broker.url}\n`) },
    );
    await hurricane.serving();
    assertEquals(new URL(hurricane.url()).hostname, "127.0.0.1");
    assertEquals(new URL(hurricane.probeUrl("/")).hostname, "localhost");
    await queue.publish(["hello"]);
    assertEquals((await seen(hurricane, "hello")).path, `/${queue.name}`);
    await counted(hurricane, queue, "acknowledged", 1);
    assertEquals(await hurricane.stop(), 0);
  });

  test("who asks for a reply gets the answer's body", async () => {
    const queue = await broker.queue();
    await using hurricane = await consume(queue);
    const { promise, resolve } = Promise.withResolvers<Record<string, unknown>>();
    // RabbitMQ's direct reply-to: a queue that is none.
    await queue.channel.consume("amq.rabbitmq.reply-to", (message) => {
      const { correlationId, contentType, headers } = message?.properties ?? {};
      resolve({ correlationId, contentType, headers, body: message?.content.toString() });
    }, { noAck: true });
    await queue.publish(["ask"], { replyTo: "amq.rabbitmq.reply-to", correlationId: "c-7" });
    assertEquals(await promise, {
      correlationId: "c-7",
      contentType: "text/x-answer",
      headers: { "http-status": 200 },
      body: "done: ask",
    });
    await counted(hurricane, queue, "acknowledged", 1);
  });

  test("CloudEvents, in binary and in structured mode", async () => {
    const queue = await broker.queue();
    await using hurricane = await consume(queue);
    const event = new CloudEvent({
      id: "e-1",
      source: "/tests",
      type: "org.example.made",
      subject: 'Zoë "100%"',
      data: { n: 1 },
    });
    const parsed = ({ headers, body }: Seen) => HTTP.toEvent({ headers, body }) as CloudEvent;
    const structured = HTTP.structured(event);
    await queue.publish([String(structured.body)], {
      contentType: "application/cloudevents+json",
    });
    assertEquals(parsed(await seen(hurricane, String(structured.body))).toJSON(), event.toJSON());
    const { id, source, type, subject, time, specversion, data } = event;
    const attributes = { id, source, type, subject, time, specversion };
    const body = JSON.stringify(data);
    for (const prefix of ["cloudEvents:", "cloudEvents_"]) {
      const headers = Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [`${prefix}${name}`, value]),
      );
      await queue.publish([body], { contentType: "application/json", headers });
    }
    for (const time of [1, 2]) {
      const got = await seen(hurricane, body, time);
      assertEquals(got.headers["ce-subject"], "Zo%C3%AB%20%22100%25%22");
      const { id, source, type, data } = parsed(got);
      assertEquals({ id, source, type, data }, {
        id: event.id,
        source: "/tests",
        type: "org.example.made",
        data: { n: 1 },
      });
    }
  });

  test("prefetch 1 is strictly in order", async () => {
    const queue = await broker.queue();
    const bodies = Array.from({ length: 50 }, (_, index) => String(index));
    await queue.publish(bodies);
    await using hurricane = await consume(queue, ["--amqp-prefetch=1"]);
    await counted(hurricane, queue, "acknowledged", 50);
    assertEquals(hurricane.stdout.items.map((line) => (JSON.parse(line) as Seen).body), bodies);
  });

  test("each of several queues has its own places in the handler", async () => {
    const [one, other] = [await broker.queue(), await broker.queue()];
    await using hurricane = await consume(one, [
      ...[`--amqp-queue=${other.name}=/other`, "--amqp-prefetch=1"],
    ]);
    await one.publish(["hold one", "later"]);
    await other.publish(["hold other", "later"]);
    assertEquals((await seen(hurricane, "hold one")).path, "/work");
    assertEquals((await seen(hurricane, "hold other")).path, "/other");
    for (const { name } of [one, other]) {
      await metric(hurricane, `hurricane_amqp_queue_messages{queue="${name}"} 1`);
    }
    assertEquals(hurricane.stdout.items.length, 2);
    writeFileSync(join(hurricane.dir, "other"), "");
    await counted(hurricane, other, "acknowledged", 2);
    await counted(hurricane, one, "acknowledged", 0);
    writeFileSync(join(hurricane.dir, "one"), "");
    await counted(hurricane, one, "acknowledged", 2);
    // A message without a body is one as well.
    await one.publish([""], { messageId: "empty" });
    assertEquals((await seen(hurricane, "")).headers["amqp-message-id"], "empty");
    await counted(hurricane, one, "acknowledged", 3);
  });

  test("what waits at the broker is a metric, and so is what is in the handler", async () => {
    const queue = await broker.queue();
    await queue.publish(["hold", "2", "3"]);
    await using hurricane = await consume(queue, ["--amqp-prefetch=1"]);
    await metric(hurricane, `hurricane_amqp_queue_messages{queue="${queue.name}"} 2`);
    await metric(hurricane, `hurricane_amqp_inflight_messages{queue="${queue.name}"} 1`);
    const text = await metric(hurricane, "http_server_active_requests 1");
    assertStringIncludes(
      text,
      `messaging_client_consumed_messages_total{messaging_system="rabbitmq",` +
        `messaging_destination_name="${queue.name}",messaging_operation_name="consume"} 1`,
    );
    writeFileSync(join(hurricane.dir, "release"), "");
    await counted(hurricane, queue, "acknowledged", 3);
  });

  describe("a start fails in a sentence", () => {
    const nowhere = { args: ["--amqp-queue=not-there"] };

    test("where the queue does not exist", async () => {
      await using hurricane = launch(messageHandler, {
        ...nowhere,
        env: { HURRICANE_AMQP_URL: broker.url },
      });
      assertEquals((await hurricane.exited).code, 1);
      await hurricane.logged(
        /^cannot start: the queue "not-there" cannot be used: no queue 'not-there' in vhost '\/'$/,
      );
    });

    test("where the password is wrong, which is not told", async () => {
      const url = broker.url.replace("guest:guest", "guest:hushhush");
      await using hurricane = launch(messageHandler, {
        ...nowhere,
        env: { HURRICANE_AMQP_URL: url },
      });
      assertEquals((await hurricane.exited).code, 1);
      const { message } = await hurricane.logged(/^cannot start: no connection to the broker /);
      assertMatch(message, /amqp:\/\/\*\*\*@127\.0\.0\.1:\d+\/?: Login was refused/);
      assert(!hurricane.stderr.items.join("\n").includes("hushhush"));
    });
  });

  test("the handler does not get the broker's URL", async () => {
    const queue = await broker.queue();
    await using hurricane = await consume(
      queue,
      [],
      `console.log("[" + (process.env.HURRICANE_AMQP_URL ?? "") + "]");
      export default { fetch: () => new Response() };`,
    );
    await hurricane.printed("[]");
    for (const pid of hurricane.children()) assert(!commandLine(pid).includes("guest"));
  });

  test("a broker that is not there is waited for: readiness says why", async () => {
    const port = await freePort();
    await using hurricane = await serve(messageHandler, {
      args: ["--amqp-queue=jobs"],
      env: { HURRICANE_AMQP_URL: `amqp://someone:secret@127.0.0.1:${port}` },
    });
    const { text } = await hurricane.probeUntil("/ready", 400);
    assertMatch(text, /^no messages are taken: no connection to the broker amqp:\/\/\*\*\*@/);
    assertStringIncludes(text, "ECONNREFUSED");
    assertEquals((await hurricane.get("/")).status, 200);
    assertEquals((await hurricane.probe("/alive")).status, 200);
    assertEquals(await hurricane.stop(), 0);
  });

  test("nothing is lost where a queue for retries is gone", async () => {
    const queue = await broker.queue({});
    await using hurricane = await consume(queue);
    await queue.channel.deleteQueue(`${queue.name}.hurricane-retry.1s`);
    await queue.publish(["once 503"]);
    const { message } = await hurricane.logged(/^no messages are taken: .* is gone$/);
    assertStringIncludes(message, `the queue "${queue.name}.hurricane-retry.1s" is gone`);
    await counted(hurricane, queue, "acknowledged", 1);
    await hurricane.probeUntil("/ready", 200);
  });

  test("a queue that is deleted: readiness says so until it is there again", async () => {
    const queue = await broker.queue({});
    await using hurricane = await consume(queue);
    await hurricane.probeUntil("/ready", 200);
    await queue.channel.deleteQueue(queue.name);
    const { text } = await hurricane.probeUntil("/ready", 400);
    assertMatch(text, /^no messages are taken: .*(the queue "|ended the consumer)/);
    const again = await broker.queue({}, queue.name);
    await hurricane.probeUntil("/ready", 200);
    await again.publish(["hello"]);
    await seen(hurricane, "hello");
  });

  test("a broker that takes no messages: acknowledgements go on, a retry waits", async () => {
    const queue = await broker.queue();
    await using hurricane = await consume(queue);
    await queue.publish(["hold a", "hold b once"]);
    await seen(hurricane, "hold a");
    await seen(hurricane, "hold b once");
    await broker.control("set_vm_memory_high_watermark", "absolute", "1MB");
    try {
      writeFileSync(join(hurricane.dir, "b"), "");
      await hurricane.logged(/^the broker takes no messages for now/);
      writeFileSync(join(hurricane.dir, "a"), "");
      await counted(hurricane, queue, "acknowledged", 1);
      await counted(hurricane, queue, "retried", 0);
    } finally {
      await broker.control("set_vm_memory_high_watermark", "0.4");
    }
    await hurricane.logged(/^the broker takes messages again/);
    await seen(hurricane, "hold b once", 2);
    await counted(hurricane, queue, "acknowledged", 2);
  });

  test("a broker that is silent is given up, and connected again", async () => {
    const queue = await broker.queue();
    await using hurricane = await serve(messageHandler, {
      args: [`--amqp-queue=${queue.name}=/work`],
      env: { HURRICANE_AMQP_URL: `${broker.url}/?heartbeat=1` },
    });
    await hurricane.probeUntil("/ready", 200);
    broker.freeze("SIGSTOP");
    try {
      const { text } = await hurricane.probeUntil("/ready", 400);
      assertStringIncludes(text, "Heartbeat timeout");
    } finally {
      broker.freeze("SIGCONT");
    }
    await hurricane.probeUntil("/ready", 200);
    await queue.publish(["hello"]);
    await seen(hurricane, "hello");
  });

  // The last ones: they take the broker from all others.
  for (const how of ["SIGTERM", "SIGKILL"] as const) {
    test(`a broker that ends (${how}) is connected again, and nothing is lost`, async () => {
      const queue = await broker.queue();
      await using hurricane = await consume(queue);
      await queue.publish(["hold", "before"]);
      await seen(hurricane, "before");
      await counted(hurricane, queue, "acknowledged", 1);
      await broker.down(how);
      const { text } = await hurricane.probeUntil("/ready", 400);
      assertMatch(text, /^no messages are taken: /);
      assertEquals((await hurricane.probe("/alive")).status, 200);
      await broker.up();
      await hurricane.probeUntil("/ready", 200);
      const { headers } = await seen(hurricane, "hold", 2);
      assertEquals(headers["amqp-redelivered"], "true");
      const again = await broker.queue({ "x-queue-type": "quorum" }, queue.name);
      await again.publish(["after"]);
      await seen(hurricane, "after");
      writeFileSync(join(hurricane.dir, "release"), "");
      await eventually("an empty queue", async () => await again.waiting() === 0);
      assertEquals(await hurricane.stop(), 0);
      assertEquals(await again.waiting(), 0);
    });
  }
});

/** The process that takes the messages: neither the supervisor nor the one of the handler. */
function pumpOf(hurricane: Hurricane): number {
  const pump = hurricane.children().find((pid) =>
    environmentOf(pid).includes("HURRICANE_INTERNAL_PUMP=")
  );
  assert(pump !== undefined);
  return pump;
}

function environmentOf(pid: number): string {
  return readFileSync(`/proc/${pid}/environ`, "utf8");
}
