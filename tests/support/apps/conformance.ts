/**
 * The tests of a real application: under Hurricane it answers, byte by byte, as on the bare runtime, and
 * is counted, drained and replaced like any handler.
 *
 * @module
 */
import process from "node:process";
import { after, before, describe, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { form, runtime } from "../instance.ts";
import { signal } from "../processes.ts";
import { parseExposition } from "../prometheus.ts";
import { eventually } from "../wait.ts";
import type { App, Ask } from "./app.ts";
import { assertSameAnswers, Client, same } from "./compare.ts";
import { install } from "./install.ts";
import { BareApp, BuiltApp, ServedApp } from "./targets.ts";
import { open } from "./websocket.ts";

/** Defines the tests of an application. */
export function testApp(app: App): void {
  const skip = whySkipped(app);
  const name = [app.name, ...app.variant === undefined ? [] : [app.variant]].join(", ");
  describe(`${name} (${form})`, { skip: skip ?? false }, () => {
    let bare: BareApp;
    let served: ServedApp;
    before(async () => {
      bare = await BareApp.start(app);
      served = await ServedApp.start(app);
    });
    after(async () => {
      await bare?.[Symbol.asyncDispose]();
      await served?.[Symbol.asyncDispose]();
    });

    test("answers as it does by itself", async () => {
      await assertSameAnswers(app, bare, served);
      await assertCounted(served, app.requests);
    });

    if (app.executable !== undefined && form === "executable") {
      test("answers the same as one executable, where nothing lies beside it", async () => {
        // Another one than above: the steps of that are taken already.
        await using own = await BareApp.start(app);
        await using built = await BuiltApp.start(app);
        await assertSameAnswers(app, own, built);
      });
    }

    for (const [what, talk] of Object.entries(app.talks ?? {})) {
      test(what, async () => assertEquals(await talk(served), await talk(bare)));
    }

    test("is ready, and is replaced", async () => {
      const [ask] = app.requests as [Ask];
      assertEquals((await served.program.probe("/ready")).status, 200);
      await replaced(served);
      const own = new Client(bare, app);
      assertEquals(await new Client(served, app).ask(ask), await own.ask(ask));
    });

    if (app.socket !== undefined) {
      const { socket } = app;
      test("its WebSockets are counted, and closed when it goes", async () => {
        const before = await answered(served);
        const first = await open(served, socket);
        first.close();
        await first.closed;
        await eventually(
          "a WebSocket to be counted",
          async () => ((await answered(served))[101] ?? 0) > (before[101] ?? 0),
        );
        const second = await open(served, socket);
        await replaced(served);
        assertEquals(await second.closed, 1001);
      });
    }

    for (const [what, open] of Object.entries(app.lasting ?? {})) {
      test(`is not held up by ${what}`, async () => {
        const { ended } = await open(served);
        await replaced(served);
        await ended;
      });
    }

    test("ends after what was in flight", async () => {
      await eventually("the end of what was before", async () => await active(served) === 0);
      const wire = await served.connect();
      const answer = wire.ask({ path: app.slow, status: 200 });
      answer.catch(() => {});
      await eventually("the request to be in flight", async () => await active(served) === 1);
      const farewellsBefore = farewells(app, served);
      served.signal("SIGTERM");
      await eventually(
        "/ready to say so",
        async () => (await served.program.probe("/ready")).status === 400,
      );
      assertEquals(farewells(app, served), farewellsBefore, "what it says at its end");
      served.take(app.slow);
      const reply = await answer;
      assertMatch(reply.head[0] ?? "", /^HTTP\/1\.1 200( |$)/);
      const { code, stderr } = await served.program.ended;
      assertEquals(code, 0, stderr);
      assertEquals(served.program.leftBehind(), []);
      const { items } = served.program.log;
      assertEquals(items.filter(({ level }) => level === "error").filter(isOfHurricane), []);
      if (app.farewell === undefined) return;
      assertEquals(farewells(app, served), farewellsBefore + 1, "what it says at its end");
      signal(bare.program.pid, "SIGTERM");
      await eventually("the same of the app by itself", () => farewells(app, bare) === 1);
    });
  });
}

/** Has the handler's process replaced, and waits for the end of the old one. */
async function replaced({ program }: ServedApp): Promise<void> {
  const times = () =>
    program.log.items.filter(({ message }) =>
      message === "all processes of the handler are replaced"
    ).length;
  const before = times();
  signal(program.pid, "SIGHUP");
  await eventually("all workers to be replaced", () => times() > before);
}

/** What an application throws on purpose is told of by its own process. */
function isOfHurricane({ part }: { part: string }): boolean {
  return part === "supervisor";
}

/** How often an application has said that it ends: each of its processes does. */
function farewells({ farewell }: App, { program }: BareApp | ServedApp): number {
  if (farewell === undefined) return 0;
  const lines = [...program.stdout.items, ...program.stderr.items];
  return lines.filter((line) => line.includes(farewell)).length;
}

function whySkipped(app: App): string | undefined {
  const runs = app.runtimes[runtime];
  const name = { bun: "Bun", deno: "Deno" }[runtime];
  if (runs !== true) return `skipped: ${app.name} does not run on ${name}: ${runs}`;
  if (app.heavy !== undefined && !named(app)) {
    return `skipped: ${app.name}: ${app.heavy}; scripts/test apps ${app.name}`;
  }
  return install(app);
}

/** Was the test file of this very application asked for? */
function named({ name }: App): boolean {
  return (process.env["TEST_APPS_NAMED"] ?? "").split(" ").includes(`tests/apps/${name}_test.ts`);
}

/** Each request is in the metrics, with its status. */
async function assertCounted(served: ServedApp, requests: readonly Ask[]): Promise<void> {
  const expected: Record<string, number> = {};
  for (const { status } of requests) expected[status] = (expected[status] ?? 0) + 1;
  let counted: Record<string, number> = {};
  await eventually("all requests to be counted", async () => {
    counted = await answered(served);
    return same(counted, expected);
  }).catch(() => assertEquals(counted, expected));
}

/** How many requests had which status. */
async function answered(served: ServedApp): Promise<Record<string, number>> {
  const counted: Record<string, number> = {};
  const family = (await families(served)).get("http_server_request_duration_seconds");
  for (const { name, labels, value } of family?.samples ?? []) {
    if (!name.endsWith("_count")) continue;
    const status = labels["http_response_status_code"] ?? "";
    counted[status] = (counted[status] ?? 0) + value;
  }
  return counted;
}

async function active(served: ServedApp): Promise<number | undefined> {
  return (await families(served)).get("http_server_active_requests")?.samples
    .reduce((sum, { value }) => sum + value, 0);
}

async function families(served: ServedApp) {
  return parseExposition((await served.program.probe("/metrics")).text);
}
