import { describe, test } from "node:test";
import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isRunning } from "../commands/support.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { Receiver } from "../support/receiver.ts";
import { TempDir } from "../support/temp_dir.ts";
import { eventually } from "../support/wait.ts";
import { FakeWorker } from "./workers/fakes.ts";
import { TestService } from "./service_support.ts";

/** Answers with its process id, exits for `/exit`. */
const mortal = `
  import process from "node:process";
  export default { fetch(request) {
    if (request.url.endsWith("/exit")) process.exit(3);
    return new Response(String(process.pid));
  } };`;

async function exit(it: TestService): Promise<void> {
  await it.get("/exit").then(() => {}, () => {});
}

/** A service around workers that do what a test says. */
class Imagined extends TestService {
  readonly workers: FakeWorker[];

  constructor() {
    const kernel: FakeWorker[] = [];
    const workers: FakeWorker[] = [];
    super({ probe: false }, () => {
      const worker = new FakeWorker(workers.length + 1, kernel);
      workers.push(worker);
      return worker;
    });
    this.workers = workers;
  }

  /** Waits for so many starts, and lets the last one come up. */
  async comeUp(count: number): Promise<FakeWorker> {
    await eventually(`start ${count}`, () => this.workers.length === count);
    const worker = this.workers[count - 1] as FakeWorker;
    worker.load();
    await eventually("its turn to listen", () => worker.listens !== undefined);
    worker.open();
    return worker;
  }

  static async serving(): Promise<{ it: Imagined; first: FakeWorker }> {
    const it = new Imagined();
    const started = it.service.start();
    const first = await it.comeUp(1);
    await started;
    return { it, first };
  }
}

describe("SIGHUP where the handler has crashed", () => {
  test("says that all are replaced when another one is up, and not before", async () => {
    using log = new CapturedLog();
    const { it, first } = await Imagined.serving();
    await using _disposed = it;
    first.end("exited with code 3");
    await eventually("a restart", () => it.workers.length === 2);
    const renewed = it.service.renew();
    await eventually("a start with newer files", () => it.workers.length === 3);
    assertFalse(log.text.includes("are replaced"), log.text);
    assertEquals(it.service.workers.length, 0);
    const third = await it.comeUp(3);
    await renewed;
    assert(log.messages.includes("all processes of the handler are replaced"));
    assertEquals(it.service.workers.map(({ pid }) => pid), [3]);
    const stopped = it.service.stop();
    await eventually("the order to stop", () => third.isStopping);
    third.finish();
    assertEquals(await stopped, 0);
  });
});

describe("a service that is told to stop ends with 1", () => {
  test("where a worker has just crashed, though that is heard of later", async () => {
    using log = new CapturedLog();
    const { it, first } = await Imagined.serving();
    await using _disposed = it;
    first.vanish();
    const stopped = it.service.stop();
    await eventually("it to be waited for", () => it.service.workers.length === 0);
    first.end("exited with code 7");
    assertEquals(await stopped, 1);
    assert(log.messages.includes("the handler's process exited with code 7"));
  });

  test("where one that retires crashes", async () => {
    using _log = new CapturedLog();
    const { it, first } = await Imagined.serving();
    await using _disposed = it;
    void it.service.renew();
    const second = await it.comeUp(2);
    await eventually("the first to retire", () => it.service.retiring.length === 1);
    const stopped = it.service.stop();
    first.end("exited with code 3");
    await eventually("the order to stop", () => second.isStopping);
    second.finish();
    assertEquals(await stopped, 1);
  });
});

describe("a crash", () => {
  test("is followed by another process, and the counts go on", async () => {
    using log = new CapturedLog();
    await using it = await TestService.process(mortal).started();
    const port = new URL(it.service.url).port;
    const first = (await it.get()).text;
    await eventually(
      "the count",
      () => it.service.workers[0]?.snapshot.requests.durations.length === 1,
    );
    await exit(it);
    await log.logged(/^the handler is up again$/);
    const second = (await it.get()).text;
    assert(first !== second);
    assertEquals(new URL(it.service.url).port, port);
    const scrape = (await it.probe("/metrics"))[1];
    assertMatch(scrape, /^hurricane_worker_restarts_total\{reason="crash"\} 1$/m);
    assertMatch(scrape, /^http_server_request_duration_seconds_count\{.*\} 2$/m);
    assertEquals((await it.probe("/ready"))[0], 200);
    assertEquals(await it.service.stop(), 0);
  });

  test("after another leaves readiness at no for the pause, liveness at yes", async () => {
    using log = new CapturedLog();
    await using it = await TestService.process(mortal).started();
    // The second pause is 100 ms, the first none.
    for (const times of [1, 2]) {
      await exit(it);
      await eventually(
        `restart ${times}`,
        () =>
          log.messages.filter((message) => message === "the handler's process exited with code 3")
            .length === times,
      );
      if (times === 2) {
        assertEquals(await it.probe("/ready"), [
          400,
          "no worker is up: starting the handler again: its process exited with code 3",
        ]);
        assertEquals(await it.probe("/alive"), [200, "alive"]);
      } else await log.logged(/^the handler is up again$/);
    }
    assertEquals(await it.service.stop(), 0);
  });

  test("too much ends it with 1, after a webhook", async () => {
    using log = new CapturedLog();
    await using receiver = await Receiver.open();
    const options = { maxRestarts: 0, webhookUrl: receiver.url() };
    await using it = await TestService.process(mortal, options).started();
    await exit(it);
    assertEquals(await it.service.finished, 1);
    const { payload } = await receiver.delivery("liveness", "failed");
    const message = "gave up after 0 restarts within a minute: its process exited with code 3";
    assertStringIncludes(payload["error_trace"] ?? "", message);
    assertStringIncludes(log.messages.join("\n"), message);
    await assertRejects(() => it.probe("/alive"));
  });

  test("of every process that is started again ends it, too", async () => {
    using log = new CapturedLog();
    await using it = await TestService.process(
      `
      import { existsSync, writeFileSync } from "node:fs";
      if (existsSync("FOLDER/ran")) throw new RangeError("second import");
      writeFileSync("FOLDER/ran", "");
      ${mortal}`,
      { maxRestarts: 1 },
    ).started();
    await exit(it);
    assertEquals(await it.service.finished, 1);
    assertStringIncludes(log.text, "cannot be started again: RangeError: second import");
    assertStringIncludes(log.text, "gave up after 1 restart within a minute: RangeError: second");
  });

  test("while it drains is 1", async () => {
    using _log = new CapturedLog();
    const options = { shutdownDelay: 2000 };
    await using it = await TestService.process(mortal, options).started();
    const stopped = it.service.stop();
    await exit(it);
    assertEquals(await stopped, 1);
  });

  test("may be the work of kill; signals are passed on", async () => {
    using _log = new CapturedLog();
    await using it = await TestService.process(
      `
      import { writeFileSync } from "node:fs";
      process.on("SIGUSR2", () => writeFileSync("FOLDER/signalled", ""));
      ${mortal}`,
      { maxRestarts: 0 },
    ).started();
    const pid = Number((await it.get()).text);
    it.service.passOn("SIGUSR2");
    await eventually("the signal", () => existsSync(join(it.dir.path, "signalled")));
    await it.service.kill(130);
    assertFalse(isRunning(pid));
    assertEquals(await it.service.finished, 130);
  });
});

describe("one port for all", () => {
  test("answers probes before, while and after the handler listens", async () => {
    using log = new CapturedLog();
    const first = await TestService.local({ default: () => new Response("x") }).started();
    const port = Number(new URL(first.service.url).port);
    await first.service.stop();
    first.dir[Symbol.dispose]();
    log.clear();

    using dir = new TempDir();
    const command = `sh -c 'until [ -e ${dir.path}/go ]; do sleep 0.02; done'`;
    await using it = TestService.process(mortal, { port, probePort: port, command });
    const started = it.service.start();
    await log.logged(/^probes on/);
    assertEquals((await it.probe("/startup"))[0], 400);
    dir.file("go", "");
    await started;
    assertEquals(it.service.url, it.service.probeUrl);
    assertEquals((await it.probe("/ready"))[0], 200);
    const pid = (await it.get()).text;
    const scrape = (await it.probe("/metrics"))[1];
    assertMatch(scrape, /^http_server_request_duration_seconds_count\{.*\} 1$/m);

    for (let crashes = 0; crashes < 3; crashes++) {
      log.clear();
      await exit(it);
      await log.logged(/^the handler is up again$/);
    }
    assert((await it.get()).text !== pid);
    log.clear();
    await exit(it);
    await log.logged(/^the handler's process exited/);
    // This restart has a pause of 400 ms before it, in which nobody but the supervisor can answer.
    assertMatch((await it.probe("/ready")).join(), /^400,no worker is up: /);
    await log.logged(/^the handler is up again$/);
    assertEquals((await it.probe("/alive"))[0], 200);
    assertEquals(await it.service.stop(), 0);
  });
});
