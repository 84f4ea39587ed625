import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { CapturedLog } from "../support/captured_log.ts";
import { Receiver } from "../support/receiver.ts";
import { eventually } from "../support/wait.ts";
import { blocking, never } from "../support/workers.ts";
import { TestService } from "./service_support.ts";

import { saying } from "../support/handlers.ts";
/** A handler whose answer waits until it is released. */
function held() {
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<Response>();
  const module = { default: () => (asked.resolve(), gate.promise) };
  return { module, asked: asked.promise, release: () => gate.resolve(new Response("late")) };
}

describe("Service.stop", () => {
  test("lets what is in flight finish, and asks clients to go meanwhile", async () => {
    using _log = new CapturedLog();
    const { module, asked, release } = held();
    await using it = await TestService.local(module).started();
    const answered = it.get();
    await asked;
    const stopped = it.service.stop();
    assertEquals(it.service.phase, "draining");
    assertEquals(await it.probe("/ready"), [400, "draining: no new requests are wanted"]);
    assertEquals((await it.probe("/alive"))[0], 200);
    release();
    const { text, headers } = await answered;
    // Deno says it twice to a client that says it, too.
    assertEquals([text, headers.connection?.split(", ")[0]], ["late", "close"]);
    assertEquals(await stopped, 0);
  });

  test("serves on for the delay, with readiness at no", async () => {
    using _log = new CapturedLog();
    const options = { shutdownDelay: 2000 };
    await using it = await TestService.local({ default: () => new Response("x") }, options)
      .started();
    const stopped = it.service.stop();
    assertEquals((await it.probe("/ready"))[0], 400);
    const answer = await it.get();
    assertEquals([answer.text, answer.headers.connection?.split(", ")[0]], ["x", "close"]);
    assertEquals(await stopped, 0);
  });

  test("may be called twice, and after the end", async () => {
    using log = new CapturedLog();
    let shutdowns = 0;
    const module = { default: () => new Response("x"), onShutdown: () => void shutdowns++ };
    await using it = await TestService.local(module).started();
    assertEquals(await Promise.all([it.service.stop(), it.service.stop(7)]), [0, 0]);
    assertEquals([await it.service.stop(), shutdowns], [0, 1]);
    assertEquals(log.messages.filter((message) => message === "stopped").length, 1);
  });

  test("is 1 where something was cut off, and says how much", async () => {
    using log = new CapturedLog();
    await using it = await TestService.process(never, { shutdownTimeout: 50 }).started();
    for (let number = 0; number < 2; number++) it.get().catch(() => {});
    await eventually("2 in flight", () => it.service.workers[0]?.snapshot.inFlight === 2);
    assertEquals(await it.service.stop(), 1);
    assertMatch(log.text, /error (at least )?2 requests were cut off \(--shutdown-timeout\)/);
  });

  test("is 1 where onShutdown throws, and logs its stack", async () => {
    using log = new CapturedLog();
    const it = await TestService.process(`
      export const onShutdown = () => { throw new RangeError("pool"); };
      ${saying("x")}`).started();
    await using _disposed = it;
    assertEquals(await it.service.stop(), 1);
    const { properties } = await log.logged(/^the handler did not end well: RangeError: pool$/);
    assertStringIncludes(String(properties["stack"]), "handler.ts");
  });

  test("is 1 where the handler dies of it", async () => {
    using log = new CapturedLog();
    await using it = await TestService.process(blocking, { shutdownTimeout: 1 }).started();
    it.get().catch(() => {});
    await eventually("silence", () => it.service.workers[0]!.silence > 300);
    assertEquals(await it.service.stop(), 1);
    assertMatch(log.text, /error requests may have been cut off (?!\()/);
    assertStringIncludes(
      log.text,
      "did not stop as asked: its event loop stood still, and it was killed",
    );
  });

  test("delivers what webhooks are left, for a while", async () => {
    using log = new CapturedLog();
    await using receiver = await Receiver.open(...Array<"hang">(50).fill("hang"));
    const options = { webhookUrl: receiver.url(), webhookTimeout: 100, webhookRetries: 50 };
    await using it = await TestService.local({ default: () => new Response("x") }, options)
      .started();
    await receiver.attempts.first(1);
    assertEquals(await it.service.stop(), 0);
    await log.logged(/^webhooks that were not delivered: 1$/);
  });
});
