import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import {
  assert,
  assertEquals,
  assertFalse,
  assertGreaterOrEqual,
  assertLessOrEqual,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { CheckRunner } from "../../src/app/checks.ts";
import type { Check } from "../../src/handler_types.ts";
import { pause } from "../support/wait.ts";

/** Passes only when there was no need to wait. */
const never = 3_600_000;

async function runOne(check: Check, timeout = never) {
  const [result, ...rest] = await new CheckRunner({ it: check }).run(timeout);
  assertEquals(rest, []);
  assert(result !== undefined);
  return result;
}

describe("a check", () => {
  const passing: Record<string, Check> = {
    "returns nothing": () => {},
    "returns false": () => false,
    "returns an error": () => new Error("not thrown"),
    "resolves": async () => await Promise.resolve("x"),
    "resolves a thenable": () => ({ then: (resolve: (value: unknown) => void) => resolve(1) }),
  };
  for (const [name, check] of Object.entries(passing)) {
    test(`that ${name} succeeds`, async () => {
      const { duration_ms, ...rest } = await runOne(check);
      assertGreaterOrEqual(duration_ms, 0);
      assertEquals(rest, { name: "it", status: "succeeded" });
    });
  }

  test("that returns an object has it as its details", async () => {
    const { details } = await runOne(() => Promise.resolve({ pool: { idle: 3 } }));
    assertEquals(details, { pool: { idle: 3 } });
  });

  test("has no more of its name and message than is shown", async () => {
    const [result] = await new CheckRunner({
      ["n".repeat(1000)]: () => Promise.reject(new Error("🌊".repeat(5000))),
    }).run(never);
    assertEquals(result?.name, `${"n".repeat(224)}… (776 more bytes)`);
    assertMatch(result?.message ?? "", /^Error: (🌊)+… \(\d+ more bytes\)$/u);
    assertLessOrEqual(Buffer.byteLength(result?.message ?? ""), 4096);
  });

  const failing: Record<string, [Check, string]> = {
    "throws": [() => {
      throw new RangeError("too far");
    }, "RangeError: too far"],
    "rejects": [() => Promise.reject(new Error("refused")), "Error: refused"],
    "rejects with a text": [() => Promise.reject("refused"), "refused"],
    "rejects with 0": [() => Promise.reject(0), "0"],
    "rejects with nothing": [() => Promise.reject(), "Error: the check threw nothing"],
    "rejects with null": [() => Promise.reject(null), "Error: the check threw nothing"],
  };
  for (const [name, [check, message]] of Object.entries(failing)) {
    test(`that ${name} fails`, async () => {
      const { duration_ms: _any, trace, ...rest } = await runOne(check);
      assertEquals(rest, { name: "it", status: "failed", message });
      assertStringIncludes(trace ?? "", message.replace(/^\w+: /, ""));
    });
  }

  test("shows its stack and causes in the trace alone", async () => {
    const cause = new Error("ECONNREFUSED");
    const { message, trace } = await runOne(() => Promise.reject(new Error("no db", { cause })));
    assertEquals(message, "Error: no db");
    assertMatch(trace ?? "", /no db[^]*checks_test[^]*ECONNREFUSED/);
  });

  test("that takes too long fails, and its signal says why", async () => {
    let reason: unknown;
    const { message, status } = await runOne((signal) => {
      signal.addEventListener("abort", () => reason = signal.reason);
      return new Promise(() => {});
    }, 5);
    assertEquals([status, message], ["failed", "TimeoutError: no result within 5ms"]);
    assertEquals((reason as DOMException).name, "TimeoutError");
  });

  test("that is done in time has no aborted signal", async () => {
    let kept: AbortSignal | undefined;
    await runOne((signal) => void (kept = signal));
    assertFalse(kept?.aborted);
  });
});

describe("CheckRunner", () => {
  test("without checks has nothing to say", async () => {
    for (const runner of [new CheckRunner(), new CheckRunner({})]) {
      assertEquals([runner.size, await runner.run(1)], [0, []]);
    }
  });

  test("runs all checks at once and gives the results in their order", async () => {
    const second = Promise.withResolvers<void>();
    const runner = new CheckRunner({
      first: () => second.promise,
      second: () => second.resolve(),
    });
    assertEquals(runner.size, 2);
    const results = await runner.run(never);
    assertEquals(results.map(({ name, status }) => [name, status]), [
      ["first", "succeeded"],
      ["second", "succeeded"],
    ]);
  });

  /** Runs a check once after the other, each for 5 ms, and gives the messages. */
  const messages = async (runner: CheckRunner) =>
    (await runner.run(5)).map(({ message }) => message);

  test("starts a check anew after a run that hangs, which counts no more when one has settled", async () => {
    const runs = [new Promise(() => {}), new Promise(() => {}), 0, new Promise(() => {})];
    const runner = new CheckRunner({ db: () => runs.shift() });
    assertEquals(await messages(runner), ["TimeoutError: no result within 5ms"]);
    assertEquals(await messages(runner), [
      "TimeoutError: no result within 5ms; 2 calls of it are still running",
    ]);
    assertEquals(await messages(runner), [undefined]);
    assertEquals(await messages(runner), ["TimeoutError: no result within 5ms"]);
  });

  test("counts no run that has settled late, nor one that has failed in time", async () => {
    const late = Promise.withResolvers<void>();
    const hangs = new Promise(() => {});
    const fails = () => Promise.reject(new Error("no"));
    const runs = [() => late.promise, () => hangs, fails, () => hangs];
    const runner = new CheckRunner({ db: () => runs.shift()?.() });
    await messages(runner);
    late.resolve();
    await pause(0);
    assertEquals(await messages(runner), ["TimeoutError: no result within 5ms"]);
    assertEquals(await messages(runner), ["Error: no"]);
    assertEquals(await messages(runner), ["TimeoutError: no result within 5ms"]);
  });

  test("starts a check that hangs ten times only now and then, and passes with the one that settles", async () => {
    let dead = true;
    const aborted: boolean[] = [];
    const runner = new CheckRunner({
      db: (signal) => {
        const call = aborted.push(false) - 1;
        signal.addEventListener("abort", () => aborted[call] = true);
        return dead ? new Promise(() => {}) : undefined;
      },
    });
    for (let times = 0; times < 10; times++) await runner.run(5);
    assertEquals(aborted, new Array(10).fill(true));
    // With a time limit that is over only when all tests are.
    const [result] = await runner.run(never);
    assertMatch(
      String(result?.message),
      /^Error: still running after \d+\.\ds, as 10 calls of it$/,
    );
    assertEquals(aborted.length, 10);
    await pause(10 * 5);
    assertEquals(await messages(runner), [
      "TimeoutError: no result within 5ms; 10 calls of it are still running",
    ]);
    dead = false;
    await pause(10 * 5);
    assertEquals(await messages(runner), [undefined]);
    assertEquals(await messages(runner), [undefined]);
  });

  test("has no unhandled rejection of a check that fails after its time", async () => {
    const late = Promise.withResolvers<void>();
    const runner = new CheckRunner({ db: () => late.promise });
    await runner.run(1);
    late.reject(new Error("late"));
    // Both runtimes fail a test during which a rejection is not handled.
    await pause(10);
  });
});
