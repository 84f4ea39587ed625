import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import fc from "fast-check";
import { version } from "../../src/version.ts";
import { errorTrace } from "../../src/errors.ts";
import { createPayload, senderOf } from "../../src/webhooks/payload.ts";

describe("createPayload", () => {
  test("has the fields and nothing else", () => {
    const before = Date.now();
    const { timestamp, ...rest } = createPayload({ status: "succeeded", type: "startup" });
    assertEquals(rest, { status: "succeeded", type: "startup", hostname: hostname(), version });
    assertMatch(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert(Date.parse(timestamp) >= before && Date.parse(timestamp) <= Date.now());
  });

  test("says who sends it, as far as options and environment tell", () => {
    const environment = {
      SERVICE_NAME: "web",
      POD_NAMESPACE: "shop",
      POD_NAME: "web-1",
      OTHER: "x",
    };
    const payload = createPayload(
      { status: "succeeded", type: "startup" },
      senderOf("1.4.2", environment),
    );
    const { app_version, service, namespace, pod } = payload;
    assertEquals([app_version, service, namespace, pod], ["1.4.2", "web", "shop", "web-1"]);
    assertEquals(senderOf(undefined, { POD_NAME: "", POD_NAMESPACE: "shop" }), {
      namespace: "shop",
    });
  });

  test("has an error trace only when failed", () => {
    const errorTrace = "why";
    assertEquals(
      createPayload({ status: "failed", type: "liveness", errorTrace }).error_trace,
      "why",
    );
    assert(
      !("error_trace" in createPayload({ status: "succeeded", type: "liveness", errorTrace })),
    );
    assert(!("error_trace" in createPayload({ status: "failed", type: "liveness" })));
  });
});

describe("errorTrace", () => {
  test("has the message, the stack and the chain of causes", () => {
    const trace = errorTrace(
      new Error("cannot start", { cause: new TypeError("no database", { cause: "port 5432" }) }),
    );
    assertMatch(
      trace,
      /^Error: cannot start\n {4}at .*payload_test[^]*\nCaused by: TypeError: no database\n {4}at .*payload_test[^]*\nCaused by: port 5432$/,
    );
  });

  test("has the errors of an AggregateError, then its cause", () => {
    const inner = new AggregateError([new Error("second")], "inner");
    const trace = errorTrace(
      new AggregateError([new Error("first"), inner], "outer", { cause: new Error("third") }),
    );
    const heads = trace.split("\n").filter((line) => !line.startsWith(" "));
    assertEquals(heads, [
      "AggregateError: outer",
      "Error 1 of 2: Error: first",
      "Error 2 of 2: AggregateError: inner",
      "Error 1 of 1: Error: second",
      "Caused by: Error: third",
    ]);
  });

  test("ends when an error causes itself", () => {
    const one = new Error("one");
    const two = new AggregateError([one], "two", { cause: one });
    one.cause = two;
    const heads = errorTrace(one).split("\n").filter((line) => !line.startsWith(" "));
    assertEquals(heads, [
      "Error: one",
      "Caused by: AggregateError: two",
      "Error 1 of 1: [shown above]",
      "Caused by: [shown above]",
    ]);
  });

  test("stays below what a payload should have", () => {
    let deep = new Error("root");
    for (let depth = 0; depth < 20_000; depth++) {
      deep = new Error(`level ${depth}`, { cause: deep });
    }
    const wide = new AggregateError(Array.from({ length: 200_000 }, (_, index) => index), "wide");
    for (const error of [deep, wide, new Error("long".repeat(10_000)), "long".repeat(10_000)]) {
      const trace = errorTrace(error);
      assertLess(trace.length, 17_000);
      assertMatch(trace, /\[cut after 16384 characters\]$/);
    }
  });

  test("takes whatever is thrown", () => {
    fc.assert(fc.property(fc.anything({ withNullPrototype: true }), (thrown) => {
      assertEquals(typeof errorTrace(thrown), "string");
      assertEquals(typeof errorTrace(new Error("x", { cause: thrown })), "string");
    }));
    assertEquals(errorTrace("text"), "text");
    assertEquals(errorTrace(undefined), "undefined");
    assertEquals(errorTrace({ code: 7 }), "{ code: 7 }");
  });

  test("tells of an error that cannot be read", () => {
    const error = new Error("hidden");
    Object.defineProperty(error, "stack", {
      get() {
        throw new Error("trap");
      },
    });
    assertEquals(
      errorTrace(new Error("outer", { cause: error })).split("\n").at(-1)?.slice(0, 42),
      "Caused by: [an error that cannot be read: ",
    );
  });

  test("adds the message where the stack lacks it", () => {
    const error = new Error("told");
    error.stack = "    at somewhere";
    assertEquals(errorTrace(error), "Error: told\n    at somewhere");
  });

  test("says where a syntax error is", async () => {
    const folder = await mkdtemp(join(tmpdir(), "payload-"));
    try {
      const file = join(folder, "broken.ts");
      await writeFile(file, "export const fine = 1;\nexport const broken = ;\n");
      const error = await assertRejects(() => import(pathToFileURL(file).href));
      const trace = errorTrace(error);
      assertStringIncludes(trace, "broken.ts:2:");
      assertStringIncludes(trace, "export const broken = ;");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
