import { describe, test } from "node:test";
import { assert, assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { obliging, saying } from "../support/handlers.ts";
import { Connection } from "../support/http.ts";
import { form, type Hurricane, launch, runtime, serve } from "../support/hurricane.ts";
import { signal } from "../support/processes.ts";
import { scraped } from "../support/scrapes.ts";
import { assertHarmed, assertUnharmed, Traffic, uncertain } from "../support/traffic.ts";
import { eventually, pause } from "../support/wait.ts";

/** Is always behind, so that connections wait to be accepted at any moment. */
const leaking = `
const leaked: Uint8Array[] = [];
export default {
  fetch(request: Request) {
    const end = performance.now() + 1;
    while (performance.now() < end);
    if (request.url.endsWith("/leak")) leaked.push(new Uint8Array(400 * 2 ** 20).fill(1));
    return new Response("hello");
  },
};
`;

/** Its process does not come up for as long as there is the file "wait". */
const patient = `${obliging}
while (existsSync("wait")) await new Promise((resolve) => setTimeout(resolve, 20));
`;

async function restarts(hurricane: Hurricane, reason: string, count: number): Promise<void> {
  const scrape = () => hurricane.probe("/metrics");
  await eventually(
    `${count} restarts for ${reason}`,
    async () => await scraped(scrape, "hurricane_worker_restarts_total", { reason }) >= count,
  );
}

async function hup(hurricane: Hurricane): Promise<void> {
  hurricane.signal("SIGHUP");
  await hurricane.logged(/^all processes of the handler are replaced$/);
}

/** Waits for a process that is not among these. */
function another(hurricane: Hurricane, ...known: number[]): Promise<number> {
  return eventually(
    "another process",
    () => hurricane.children().find((pid) => !known.includes(pid)),
  );
}

function gone(hurricane: Hurricane, pids: readonly number[]): Promise<true> {
  return eventually(
    `the end of ${pids}`,
    () => !hurricane.children().some((pid) => pids.includes(pid)),
  );
}

interface Cause {
  args: string[];
  /** Requests that it sends besides. */
  sends?: number;
  prepare?(hurricane: Hurricane): Promise<void>;
  replace(hurricane: Hurricane): Promise<void>;
}

describe(`replacing workers (${form})`, () => {
  const causes: Record<string, Cause> = {
    "SIGHUP": { args: [], replace: hup },
    "SIGHUP, three workers, one of which had crashed": {
      args: ["--workers=3"],
      async prepare(hurricane) {
        // Where one dies within a second of another's start, the order of the sockets is in doubt.
        await pause(1200);
        signal(hurricane.children()[0] as number, "SIGKILL");
        await hurricane.logged(/^the handler is up again$/);
      },
      replace: hup,
    },
    "--max-lifetime": {
      args: ["--max-lifetime=1000"],
      replace: (hurricane) => restarts(hurricane, "lifetime", 2),
    },
    "--max-memory": {
      args: ["--max-memory=300mb"],
      sends: 1,
      async replace(hurricane) {
        await hurricane.get("/leak");
        await restarts(hurricane, "memory", 1);
      },
    },
  };
  for (const [cause, { args, sends = 0, prepare, replace }] of Object.entries(causes)) {
    test(`${cause}: no request fails, and all are counted`, async () => {
      await using hurricane = await serve(leaking, { args });
      await prepare?.(hurricane);
      const old = hurricane.children();
      await using traffic = new Traffic(hurricane.url());
      await traffic.load.more(50);
      await replace(hurricane);
      await gone(hurricane, old);
      await traffic.load.more(50);
      const seen = await traffic.stop();
      assertUnharmed(seen, hurricane.stderr.items.join("\n"));
      const count = await scraped(
        () => hurricane.probe("/metrics"),
        "http_server_request_duration_seconds_count",
        { http_request_method: "GET", http_response_status_code: "200" },
      );
      const sent = seen.fresh + seen.kept + sends;
      assertGreaterOrEqual(count, sent);
      assertLessOrEqual(count, sent + uncertain);
      assertEquals(await hurricane.stop(), 0);
    });
  }

  test("a worker that does not get a turn does not keep new connections from being steered", async () => {
    await using hurricane = await serve(obliging, { args: ["--workers=2", "--max-lifetime=50"] });
    const [first = 0, second = 0] = hurricane.children();
    const [stuck, client] = await Promise.all(
      [first, second].map((pid) => Connection.answeredWith(hurricane.url("/pid"), String(pid))),
    ) as [Connection, Connection];
    stuck.send("/block?ms=2000");
    await hurricane.printed("blocking");
    for (let asks = 0; asks < 60; asks++) await client.get("/");
    await gone(hurricane, [second]);
    assert(!hurricane.log.items.some(({ message }) => /may lose connections/.test(message)));
    assertEquals((await stuck.answer()).text, "blocked");
    for (const connection of [stuck, client]) connection.close();
    assertEquals(await hurricane.stop(), 0);
  });

  test("a worker that is killed fails requests, which such a test sees", async () => {
    await using hurricane = await serve(leaking);
    await using traffic = new Traffic(hurricane.url());
    await traffic.load.more(50);
    for (const pid of hurricane.children()) signal(pid, "SIGKILL");
    await hurricane.logged(/^the handler is up again$/);
    await traffic.load.more(50);
    assertHarmed(await traffic.stop());
  });

  test("what the handler's own metrics counted since the last scrape is kept", async () => {
    await using hurricane = await serve(
      `import { Counter } from "prom-client";
      const asked = new Counter({ name: "shop_asked_total", help: "Requests." });
      export default { fetch: () => new Response(asked.inc()) };`,
      { packages: ["prom-client"] },
    );
    const shown = () => scraped(() => hurricane.probe("/metrics"), "shop_asked_total");
    await hurricane.get();
    assertEquals(await shown(), 1);
    await hurricane.get();
    await hup(hurricane);
    assertEquals(await shown(), 2);
    await hurricane.get();
    assertEquals(await shown(), 3);
  });

  test("code that does not start changes nothing; the next that does is served", async () => {
    await using hurricane = await serve(saying("old"), { args: ["--workers=2"] });
    const old = hurricane.children();
    const file = join(hurricane.dir, "handler.ts");
    writeFileSync(file, "export default { fetch: ");
    hurricane.signal("SIGHUP");
    const { level } = await hurricane.logged(/cannot be replaced, and stays/);
    assertEquals(level, "error");
    await eventually("the end of the new one", () => hurricane.children().length === 2);
    assertEquals(hurricane.children(), old);
    assertEquals((await hurricane.probe("/ready")).status, 200);
    assertEquals((await hurricane.probe("/alive")).status, 200);
    assertEquals((await hurricane.get()).text, "old");
    writeFileSync(file, saying("new"));
    await hup(hurricane);
    assertEquals((await hurricane.get()).text, "new");
    await gone(hurricane, old);
    assertEquals(await hurricane.stop(), 0);
  });

  test("SIGHUP while starting and while draining does no harm", async () => {
    await using hurricane = launch(obliging, {
      args: ["--command", "sh -c 'while ! test -e go; do sleep 0.02; done'"],
    });
    await hurricane.probing();
    hurricane.signal("SIGHUP");
    await hurricane.logged(/^nothing is replaced while the service is starting$/);
    writeFileSync(join(hurricane.dir, "go"), "");
    await hurricane.serving();
    const held = hurricane.get("/held");
    await hurricane.printed("holding");
    hurricane.signal("SIGTERM");
    await hurricane.logged(/^draining/);
    hurricane.signal("SIGHUP");
    await hurricane.logged(/^nothing is replaced while the service is draining$/);
    writeFileSync(join(hurricane.dir, "release"), "");
    assertEquals((await held).text, "held");
    assertEquals((await hurricane.exited).code, 0);
  });

  test("SIGTERM while the new one loads: exit 0, nobody is left", async () => {
    await using hurricane = await serve(patient);
    const old = hurricane.children();
    writeFileSync(join(hurricane.dir, "wait"), "");
    const held = hurricane.get("/held");
    await hurricane.printed("holding");
    hurricane.signal("SIGHUP");
    await another(hurricane, ...old);
    hurricane.signal("SIGTERM");
    await hurricane.logged(/^draining/);
    writeFileSync(join(hurricane.dir, "release"), "");
    assertEquals((await held).text, "held");
    assertEquals((await hurricane.exited).code, 0);
    assert(!hurricane.log.items.some(({ level }) => level === "error"));
  });

  test("SIGTERM while the old one leaves: it serves on for --shutdown-delay", async () => {
    await using hurricane = await serve(patient, { args: ["--shutdown-delay=3s"] });
    using kept = await Connection.open(hurricane.url());
    const { text: old } = await kept.get("/pid");
    const held = hurricane.get("/held");
    await hurricane.printed("holding");
    hurricane.signal("SIGHUP");
    await restarts(hurricane, "signal", 1);
    hurricane.signal("SIGTERM");
    await hurricane.probeUntil("/ready", 400);
    assertEquals((await kept.get("/pid")).text, old);
    await eventually("the new one", async () => (await hurricane.get("/pid")).text !== old);
    writeFileSync(join(hurricane.dir, "release"), "");
    assertEquals((await held).text, "held");
    assertEquals((await hurricane.exited).code, 0);
  });

  test("a new one that dies while it loads changes nothing", async () => {
    await using hurricane = await serve(patient);
    const old = hurricane.children();
    writeFileSync(join(hurricane.dir, "wait"), "");
    hurricane.signal("SIGHUP");
    signal(await another(hurricane, ...old), "SIGKILL");
    await hurricane.logged(/cannot be replaced, and stays: .*SIGKILL/);
    assertEquals(hurricane.children(), old);
    assertEquals((await hurricane.get("/pid")).text, String(old[0]));
    rmSync(join(hurricane.dir, "wait"));
    await hup(hurricane);
    await gone(hurricane, old);
    assertEquals(await hurricane.stop(), 0);
  });

  test("an old one that dies while the new one loads is followed by that", async () => {
    await using hurricane = await serve(patient);
    const [old = 0] = hurricane.children();
    writeFileSync(join(hurricane.dir, "wait"), "");
    hurricane.signal("SIGHUP");
    const successor = await another(hurricane, old);
    signal(old, "SIGKILL");
    await hurricane.logged(/was killed by SIGKILL/);
    assertEquals((await hurricane.probe("/ready")).status, 400);
    assertEquals((await hurricane.probe("/alive")).status, 200);
    rmSync(join(hurricane.dir, "wait"));
    await hurricane.probeUntil("/ready", 200);
    assertEquals((await hurricane.get("/pid")).text, String(successor));
    assertEquals(hurricane.children(), [successor]);
    assertEquals(await hurricane.stop(), 0);
  });

  test("what is under way on the old one finishes", async () => {
    await using hurricane = await serve(obliging);
    using idle = await Connection.open(hurricane.url());
    await idle.get("/");
    const held = hurricane.get("/held");
    await hurricane.printed("holding");
    const stream = await fetch(hurricane.url("/stream"));
    hurricane.signal("SIGHUP");
    // It closes what is idle when it stops.
    await idle.closed;
    assertEquals((await hurricane.get("/")).text, "hello");
    assertEquals((await hurricane.probe("/ready")).status, 200);
    writeFileSync(join(hurricane.dir, "release"), "");
    assertEquals((await held).text, "held");
    assertEquals(await stream.text(), "first last");
    await hup(hurricane);
    assertEquals(await hurricane.stop(), 0);
    assert(!hurricane.log.items.some(({ level }) => level === "error"));
  });

  test("what outlives --shutdown-timeout on the old one is cut off, and that is all", async () => {
    await using hurricane = await serve(obliging, { args: ["--shutdown-timeout=500ms"] });
    const old = hurricane.children();
    using client = await Connection.open(hurricane.url());
    client.send("/never");
    await hurricane.printed("never");
    await hup(hurricane);
    await client.closed;
    await hurricane.logged(/^1 request was cut off|^at least 1 request was cut off/);
    await gone(hurricane, old);
    assertEquals((await hurricane.get("/")).text, "hello");
    assertEquals((await hurricane.probe("/alive")).status, 200);
    assertEquals(await hurricane.stop(), 0);
  });

  test("the WebSockets of the old one are closed with 1001", async () => {
    const source = runtime === "bun"
      ? `export default {
          fetch: (request, server) => server.upgrade(request) ? undefined : new Response("plain"),
          websocket: { message() {} },
        };`
      : `export default {
          fetch: (request) => request.headers.get("upgrade") === "websocket"
            ? Deno.upgradeWebSocket(request).response
            : new Response("plain"),
        };`;
    await using hurricane = await serve(source, { name: "handler.js" });
    const socket = new WebSocket(hurricane.url().replace("http", "ws"));
    await new Promise((resolve) => socket.onopen = resolve);
    const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
    await hup(hurricane);
    assertEquals((await closed).code, 1001);
    assertEquals((await hurricane.get("/")).text, "plain");
    assertEquals(await hurricane.stop(), 0);
  });
});
