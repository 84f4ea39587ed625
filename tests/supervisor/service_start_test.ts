import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import process from "node:process";
import type { ServeInput } from "../../src/options/serve_input.ts";
import { CommandFailure } from "../../src/commands/run.ts";
import { StartInterrupted } from "../../src/supervisor/service.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { saying } from "../support/handlers.ts";
import { Receiver } from "../support/receiver.ts";
import { eventually } from "../support/wait.ts";
import { TestService } from "./service_support.ts";

const hello = { default: () => new Response("hello") };
/** A command that ends when the file exists. */
const until = (file: string) => `sh -c 'until [ -e ${file} ]; do sleep 0.02; done'`;

describe("Service.start", () => {
  test("resolves when the handler serves", async () => {
    using _log = new CapturedLog();
    await using it = await TestService.local(hello).started();
    assertEquals([it.service.phase, it.service.detail], ["serving", ""]);
    assertEquals((await it.get()).text, "hello");
    assertMatch((await it.probe("/startup"))[1], /^started in \d+\.\d{3}s$/);
    assertEquals(await it.service.stop(), 0);
    assertEquals(it.service.phase, "stopped");
    await assertRejects(() => it.get());
    await assertRejects(() => it.probe("/ready"));
  });

  test("answers probes while the commands run, one after the other", async () => {
    using log = new CapturedLog();
    await using it = TestService.local(hello, { command: [] });
    const [one, two] = [`${it.dir.path}/one`, `${it.dir.path}/two`];
    await using test = TestService.local(hello, { command: [until(one), until(two)] });
    const started = test.service.start();
    await log.logged(/^probes on/);
    for (const [index, file] of [one, two].entries()) {
      await eventually(
        `command ${index + 1}`,
        async () => (await test.probe("/startup"))[1].includes(`command ${index + 1} of 2: sh`),
      );
      const message = `starting: running command ${index + 1} of 2: sh`;
      assertEquals(await test.probe("/startup"), [400, message]);
      assertEquals(await test.probe("/ready"), [400, message]);
      assertEquals(await test.probe("/alive"), [200, "alive, starting"]);
      it.dir.file(file.slice(it.dir.path.length + 1), "");
    }
    await started;
    assertEquals((await test.probe("/ready"))[0], 200);
    const scrape = (await test.probe("/metrics"))[1];
    assertMatch(scrape, /^hurricane_command_duration_seconds\{command="sh#2"\} /m);
  });

  test("has neither probes nor metrics where none are wanted", async () => {
    using _log = new CapturedLog();
    await using it = await TestService.local(hello, { probe: false }).started();
    assertEquals(it.service.probeUrl, undefined);
    assertEquals((await it.get("/ready")).text, "hello");
  });

  test("tells the webhooks", async () => {
    using _log = new CapturedLog();
    await using receiver = await Receiver.open();
    await using it = await TestService.local(hello, { webhookUrl: receiver.url() }).started();
    await it.probe("/ready");
    await it.probe("/ready");
    await it.probe("/alive");
    assertEquals(await it.service.stop(), 0);
    assertEquals(await receiver.states(3), [
      "startup succeeded",
      "readiness succeeded",
      "liveness succeeded",
    ]);
    assertEquals(receiver.attempts.items.length, 3);
  });
});

type Create = (options: ServeInput) => TestService;

describe("a failed start", () => {
  const failing: Record<string, [Create, string, RegExp]> = {
    "a command": [
      (options) =>
        TestService.local(hello, {
          ...options,
          command: ["sh -c 'echo no table; exit 3'", "never"],
        }),
      "CommandFailure",
      /exited with 3 after [^]*\nlast output:\nno table$/,
    ],
    "the handler's import": [
      (options) => TestService.process("throw new RangeError('at import');", options),
      "WorkerError",
      /RangeError: at import[^]*handler\.ts/,
    ],
    "a handler that dies": [
      (options) =>
        TestService.process("import process from 'node:process'; process.abort();", options),
      "WorkerError",
      /^the handler's process was killed by SIG\w+ before it listened$/,
    ],
    "the handler's address": [
      (options) =>
        TestService.local(hello, { ...options, host: "192.0.2.1", probeHost: "127.0.0.1" }),
      "ListenError",
      /^the handler cannot listen on 192.0.2.1:0: /,
    ],
    "the probes' address": [
      (options) => TestService.local(hello, { ...options, probeHost: "192.0.2.1" }),
      "ListenError",
      /^the probes cannot listen on 192.0.2.1:0: /,
    ],
  };
  for (const [what, [create, name, trace]] of Object.entries(failing)) {
    test(`because of ${what} is told, and everything ends`, async () => {
      using log = new CapturedLog();
      await using receiver = await Receiver.open();
      await using it = create({ webhookUrl: receiver.url() });
      const error = await assertRejects(() => it.service.start());
      assertEquals((error as Error).name, name);
      assertEquals(await it.service.finished, 1);
      const { payload } = await receiver.delivery("startup", "failed");
      assertEquals(receiver.attempts.items.length, 1);
      assertMatch(payload["error_trace"] ?? "", trace);
      assertStringIncludes(log.messages.join("\n"), "cannot start: ");
      assertEquals(it.service.phase, "stopped");
      await assertRejects(() => it.probe("/startup"));
    });
  }

  test("says so to the probes while the webhook is retried, and a stop cuts that short", async () => {
    using log = new CapturedLog();
    await using receiver = await Receiver.open("hang");
    await using it = TestService.local(hello, {
      command: "false",
      webhookUrl: receiver.url(),
      webhookTimeout: "1h",
    });
    const started = assertRejects(() => it.service.start(), CommandFailure);
    await receiver.attempts.first(1);
    await log.logged(/^cannot start/);
    assertMatch((await it.probe("/startup")).join(), /^400,failed: command "false" exited with 1/);
    assertMatch((await it.probe("/alive")).join(), /^500,failed: /);
    assertEquals(await it.service.stop(143), 1);
    await started;
  });
});

/** A request to the first worker, as soon as that serves. */
async function requestHeld(it: TestService): Promise<void> {
  await eventually("the first worker", () => it.service.workers.length === 1);
  await it.get();
}

/** Waits until the supervisor knows of it. */
async function requestCounted(it: TestService): Promise<void> {
  await eventually("the request", async () => {
    const [worker] = it.service.workers;
    await worker?.refresh(1000);
    return worker?.snapshot.inFlight === 1;
  });
}

test("a start that fails says what it cuts off in a worker that serves already", async () => {
  using log = new CapturedLog();
  await using it = TestService.process(
    `import { existsSync, mkdirSync } from "node:fs";
    try {
      mkdirSync("FOLDER/first");
    } catch {
      while (!existsSync("FOLDER/fail")) await new Promise((resolve) => setTimeout(resolve, 10));
      throw new Error("the second one");
    }
    export default { fetch: () => new Promise(() => {}) };`,
    { workers: 2 },
  );
  const started = assertRejects(() => it.service.start(), Error, "the second one");
  const held = assertRejects(() => requestHeld(it));
  await requestCounted(it);
  it.dir.file("fail", "");
  await Promise.all([started, held]);
  assertEquals(log.messages.filter((message) => /cut off/.test(message)), [
    "1 request was cut off",
  ]);
});

describe("a stop while it starts", () => {
  test("ends the command that runs", async () => {
    using log = new CapturedLog();
    await using it = TestService.local(hello, { command: ["sleep 3600", "never"] });
    const started = assertRejects(() => it.service.start(), StartInterrupted);
    await log.logged(/starting: sleep 3600/);
    assertEquals(await it.service.stop(143), 143);
    await started;
    assertEquals(it.service.phase, "stopped");
    assertEquals(log.messages.filter((message) => message.includes("never")), []);
  });

  test("ends the handler's process that does not listen yet", async () => {
    using log = new CapturedLog();
    await using it = TestService.process(
      "console.error('importing'); setInterval(() => {}, 1e6); await new Promise(() => {});",
    );
    const started = assertRejects(() => it.service.start(), StartInterrupted);
    await eventually("the launch", () => it.service.detail === "starting the handler");
    assertEquals(await it.service.stop(130), 130);
    await started;
    assertEquals(log.levels.filter((level) => level === "error"), []);
  });

  test("says what it cuts off in a worker that serves already", async () => {
    using log = new CapturedLog();
    await using it = TestService.process(
      `import { mkdirSync } from "node:fs";
      try {
        mkdirSync("FOLDER/first");
      } catch {
        setInterval(() => {}, 1e6);
        await new Promise(() => {});
      }
      export default { fetch: () => new Promise(() => {}) };`,
      { workers: 2, shutdownTimeout: 100 },
    );
    const started = assertRejects(() => it.service.start(), StartInterrupted);
    const held = assertRejects(() => requestHeld(it));
    await requestCounted(it);
    assertEquals(await it.service.stop(143), 143);
    await Promise.all([started, held]);
    const told = log.messages.filter((message) => /cut off/.test(message));
    assertEquals(told.length, 1);
    // Deno cannot be sure that there are no more.
    assertMatch(told[0] ?? "", /^(at least )?1 request was cut off \(--shutdown-timeout\)$/);
  });

  test("may come before anything has begun", async () => {
    using _log = new CapturedLog();
    const unhandled: unknown[] = [];
    const note = (error: unknown) => void unhandled.push(error);
    process.on("unhandledRejection", note);
    await using it = TestService.process(saying("hello"));
    const started = assertRejects(() => it.service.start(), StartInterrupted);
    assertEquals(await it.service.stop(143), 143);
    await started;
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", note);
    assertEquals(unhandled, []);
  });

  test("sends no webhook", async () => {
    using log = new CapturedLog();
    await using receiver = await Receiver.open();
    await using it = TestService.local(hello, {
      command: "sleep 3600",
      webhookUrl: receiver.url(),
    });
    const started = assertRejects(() => it.service.start(), StartInterrupted);
    await log.logged(/starting: sleep 3600/);
    await it.service.stop(143);
    await started;
    assertEquals(receiver.attempts.items, []);
  });
});
