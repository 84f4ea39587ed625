import { describe, test } from "node:test";
import {
  assert,
  assertEquals,
  assertFalse,
  assertGreaterOrEqual,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { CheckRunner } from "../../src/app/checks.ts";
import type { Check } from "../../src/app/handler.ts";
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

  test("does not start a check once more while it hangs, and again when it has ended", async () => {
    let calls = 0;
    let end = Promise.withResolvers<void>();
    const runner = new CheckRunner({ db: () => (calls++, end.promise) });
    const messages = async () => (await runner.run(5)).map(({ message }) => message);
    assertEquals(await messages(), ["TimeoutError: no result within 5ms"]);
    assertMatch(String(await messages()), /^Error: still running after \d+\.\ds$/);
    assertEquals(calls, 1);
    end.resolve();
    await pause(0);
    end = Promise.withResolvers<void>();
    end.resolve();
    assertEquals(await messages(), [undefined]);
    assertEquals(calls, 2);
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
