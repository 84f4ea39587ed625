import { describe, test } from "node:test";
import { assertEquals, assertFalse, assertMatch } from "@std/assert";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { obliging } from "../support/handlers.ts";
import { Connection } from "../support/http.ts";
import { form, type Hurricane, serve } from "../support/hurricane.ts";
import { eventually } from "../support/wait.ts";

/** The warning of a limit that requests pass which take nobody's time. */
const merelyAwait = /^request queue length \d+ exceeds --req-queue-len \d+, but .* only await/;

interface Queue {
  status: number;
  length: number;
  handler: number;
  kernel: number;
  limit: number;
}

async function queue(hurricane: Hurricane): Promise<Queue> {
  const answer = await hurricane.probe("/ready", { headers: { accept: "application/json" } });
  return { status: answer.status, ...JSON.parse(answer.text).queue };
}

/**
 * Asks until the queue is as long. A handler's process that has no time for a probe's question
 * leaves its last heartbeat standing, 100 ms old at most.
 */
function queueOf(hurricane: Hurricane, ...lengths: number[]): Promise<Queue> {
  return eventually(`a queue of ${lengths.join(" or ")}`, async () => {
    const answer = await queue(hurricane);
    return lengths.includes(answer.length) && answer;
  });
}

function connections(count: number, url: string): Promise<Connection[]> {
  return Promise.all(Array.from({ length: count }, () => Connection.open(url)));
}

describe(`request queue (${form})`, () => {
  test("counts what the kernel holds while the handler blocks", async () => {
    await using hurricane = await serve(obliging, { args: ["--req-queue-len", "10"] });
    const kept = await connections(15, hurricane.url());
    for (const connection of kept) assertEquals((await connection.get("/")).text, "hello");

    const events: string[] = [];
    const blocked = hurricane.get("/block?ms=4000").then(() => events.push("unblocked"));
    blocked.catch(() => {});
    await hurricane.printed("blocking");
    const fresh = await connections(30, hurricane.url());
    for (const connection of [...kept, ...fresh]) connection.send("/");

    const { length, handler, kernel } = await queueOf(hurricane, 45, 46);
    assertEquals([handler + kernel, kernel], [length, 45]);
    const [ready, alive, startup] = await Promise.all([
      hurricane.probe("/ready"),
      hurricane.probe("/alive"),
      hurricane.probe("/startup"),
    ]);
    events.push("probed");
    assertEquals(ready.status, 400);
    assertMatch(ready.text, new RegExp(`^request queue length ${length} exceeds 10\\b`));
    assertEquals([alive.status, startup.status], [200, 200]);
    const metrics = (await hurricane.probe("/metrics")).text;
    events.push("scraped");
    assertMatch(metrics, /^hurricane_request_queue_length\{part="handler"\} [01]$/m);
    assertMatch(metrics, /^hurricane_request_queue_length\{part="kernel"\} 45$/m);
    assertMatch(metrics, /^hurricane_request_queue_limit 10$/m);

    await blocked;
    // The probes answered before the handler's process could do anything.
    assertEquals(events, ["probed", "scraped", "unblocked"]);
    for (const connection of [...kept, ...fresh]) {
      assertEquals((await connection.answer()).text, "hello");
      connection.close();
    }
    await hurricane.probeUntil("/ready", 200);
    await queueOf(hurricane, 0);
    assertFalse(hurricane.log.items.some(({ message }) => merelyAwait.test(message)));
    assertEquals(await hurricane.stop(), 0);
  });

  test("is over the limit when it is longer than --req-queue-len, not before", async () => {
    await using hurricane = await serve(obliging, { args: ["--req-queue-len", "2"] });
    const clients = await connections(3, hurricane.url());
    const lengths = [1, 2, 3];
    for (const [index, client] of clients.entries()) {
      client.send("/held");
      await hurricane.stdout.until(
        `request ${index + 1}`,
        (line, at) => line === "holding" && at === index,
      );
      const expected = lengths[index] as number;
      const { status, limit } = await queueOf(hurricane, expected);
      assertEquals([status, limit], [expected > 2 ? 400 : 200, 2], `with ${expected} in the queue`);
    }
    await eventually("a warning", async () => {
      await queue(hurricane);
      return hurricane.log.items.some(({ message }) => merelyAwait.test(message));
    });
    const { handler, kernel } = await queue(hurricane);
    assertEquals([handler, kernel], [3, 0]);
    assertMatch((await hurricane.probe("/ready")).text, /^request queue length 3 exceeds 2\b/);
    writeFileSync(join(hurricane.dir, "release"), "");
    for (const client of clients) {
      assertEquals((await client.answer()).text, "held");
      client.close();
    }
    await hurricane.probeUntil("/ready", 200);
  });

  test("does not hold a response whose body still streams", async () => {
    await using hurricane = await serve(obliging, { args: ["--req-queue-len", "0"] });
    const response = await fetch(hurricane.url("/stream"));
    assertEquals((await queueOf(hurricane, 0)).status, 200);
    writeFileSync(join(hurricane.dir, "release"), "");
    assertEquals(await response.text(), "first last");
  });

  test("lets a request go whose client has given up", async () => {
    await using hurricane = await serve(obliging);
    const client = await Connection.open(hurricane.url());
    client.send("/held");
    await hurricane.printed("holding");
    client.close();
    writeFileSync(join(hurricane.dir, "release"), "");
    await hurricane.printed("answering");
    await queueOf(hurricane, 0);
  });

  test("is empty again after requests whose URL nobody can read", async () => {
    await using hurricane = await serve(
      `export default { fetch: (request: Request) => new Response(new URL(request.url).pathname) };`,
      { args: ["--req-queue-len", "0"] },
    );
    for (const head of ["GET / HTTP/1.0\r\n", "GET / HTTP/1.1\r\nHost: a b\r\n"]) {
      const { hostname, port } = new URL(hurricane.url());
      const socket = connect(Number(port), hostname);
      socket.write(`${head}Connection: close\r\n\r\n`);
      const [answer] = await once(socket, "data");
      assertMatch(String(answer), /^HTTP\/1\.[01] (200|400|500) /);
      socket.destroy();
    }
    assertEquals((await queueOf(hurricane, 0)).status, 200);
  });
});
