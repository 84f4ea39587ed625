import { describe, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { excerpt, judge, quote, summary } from "../../scripts/suite/outcome.ts";
import type { Step } from "../../scripts/suite/steps.ts";

const step: Step = {
  name: "unit (bun)",
  command: ["bun", "test"],
  report: "/reports/unit.xml",
  again: "unit bun",
};

function report(...cases: string[]): string {
  const all = cases.map((body, index) =>
    `<testcase name="t${index}" classname="g" file="tests/a_test.ts" line="1">${body}</testcase>`
  );
  return `<testsuites><testsuite name="tests/a_test.ts" file="tests/a_test.ts">
    <testsuite name="g" line="1">${all.join("\n")}</testsuite></testsuite></testsuites>`;
}

const failure = `<failure message="boo">Error: boo</failure>`;

/** The counts in words, and the names of what failed. */
function judged(xml: string, { ok = true, output = "", filter }: {
  ok?: boolean;
  output?: string;
  filter?: string;
} = {}): [string, ...string[]] {
  const { counts, failures } = judge(step, { ok, output }, xml, filter);
  return [summary(counts), ...failures.map(({ name }) => name)];
}

describe("a step with a report", () => {
  test("has what its tests have", () => {
    const { counts, failures } = judge(
      step,
      { ok: false, output: "" },
      report("", failure, "<skipped/>"),
      undefined,
    );
    assertEquals(counts, { passed: 1, failed: 1, skipped: 1 });
    assertEquals(failures, [{
      name: "g > t1",
      where: "tests/a_test.ts, bun",
      command: `scripts/test unit bun tests/a_test.ts --filter "g > t1"`,
      text: "Error: boo",
    }]);
  });

  test("fails where no failed test explains its exit code", () => {
    assertEquals(judged(report(""), { ok: false }), [
      "1 passed, 1 failed",
      "unit (bun) failed outside its tests",
    ]);
  });

  test("fails where it ran no test, unless a reason is told", () => {
    assertEquals(judged(""), ["0 passed, 1 failed", "unit (bun) ran no test"]);
    assertEquals(judged("", { output: "skipped: no haproxy\nskipped: no haproxy\n" }), [
      "0 passed, 0 failed, 1 skipped",
    ]);
  });

  test("may run no test where there is a filter, of which Bun makes an error", () => {
    const none = 'error: regex "zzz" matched 0 tests. Searched 1 file (skipping 31 tests)\n';
    assertEquals(judged(report("<skipped/>"), { filter: "zzz" }), ["0 passed, 0 failed"]);
    for (const output of [none, `skipped: no haproxy\n${none}`]) {
      assertEquals(judged("", { filter: "zzz", ok: false, output }), ["0 passed, 0 failed"]);
    }
    assertEquals(judged("", { filter: "zzz", ok: false }), [
      "0 passed, 1 failed",
      "unit (bun) failed outside its tests",
    ]);
  });

  test("fails with what could not be loaded, also beside tests that failed", () => {
    const output = `
tests/b_test.ts:

# Unhandled error between tests
-------------------------------
error: Cannot find module './nowhere.ts' from '/x/tests/b_test.ts'
-------------------------------
`;
    const { counts, failures } = judge(step, { ok: false, output }, report(failure), undefined);
    assertEquals(counts, { passed: 0, failed: 2, skipped: 0 });
    assertEquals(failures[1], {
      name: "an error outside its tests",
      where: "tests/b_test.ts, bun",
      command: "scripts/test unit bun tests/b_test.ts",
      text: "error: Cannot find module './nowhere.ts' from '/x/tests/b_test.ts'",
    });
  });

  test("fails with what Deno calls uncaught", () => {
    const output = `
 ERRORS 

./tests/b_test.ts (uncaught error)
error: (in promise) Error: boo
throw new Error("boo");
    at file:///x/tests/b_test.ts:2:7
This error was not caught from a test and caused the test runner to fail on the referenced module.
It most likely originated from a dangling promise, event/timeout handler or top-level code.

file:///x/src/within.ts#9-16.ts (uncaught error)
error: Error: late
This error was not caught from a test and caused the test runner to fail on the referenced module.

 FAILURES 

./tests/b_test.ts (uncaught error)
`;
    const deno = { ...step, name: "unit (deno)", again: "unit deno" };
    const { counts, failures } = judge(deno, { ok: false, output }, report(""), "t0");
    assertEquals(counts, { passed: 1, failed: 2, skipped: 0 });
    assertEquals(failures, [{
      name: "an error outside its tests",
      where: "tests/b_test.ts, deno",
      command: "scripts/test unit deno tests/b_test.ts",
      text: `error: (in promise) Error: boo
throw new Error("boo");
    at file:///x/tests/b_test.ts:2:7`,
    }, {
      name: "an error outside its tests",
      where: "src/within.ts, deno",
      command: "scripts/test src/within.ts",
      text: "error: Error: late",
    }]);
  });

  test("passes on each reason for which something was skipped, once", () => {
    const output = "skipped: a\nno\nskipped: b\nskipped: a\n";
    assertEquals(judge(step, { ok: true, output }, report(""), undefined).skips, [
      "skipped: a",
      "skipped: b",
    ]);
  });
});

describe("a step without a report", () => {
  const lint: Step = { name: "lint", command: ["/x/deno", "lint"], again: "static" };
  const end = (step: Step, ok: boolean) => judge(step, { ok, output: "" }, "", undefined);

  test("is one test, run again by its words", () => {
    assertEquals(end(lint, true).counts, { passed: 1, failed: 0, skipped: 0 });
    assertEquals(end(lint, false).counts, { passed: 0, failed: 1, skipped: 0 });
    assertEquals(end(lint, false).failures[0]?.command, "scripts/test static");
  });

  test("is none where it prepares others, but it can fail", () => {
    const build: Step = { name: "build", command: ["scripts/build"], prepares: true };
    assertEquals(end(build, true).counts, { passed: 0, failed: 0, skipped: 0 });
    assertEquals(end(build, false).counts, { passed: 0, failed: 1, skipped: 0 });
    assertEquals(end(build, false).failures[0]?.command, "scripts/build");
  });
});

describe("what is shown of a failed step", () => {
  const failed = (count: number, lines: number) =>
    Array.from({ length: count }, (_, index) => ({
      name: `t${index}`,
      where: "",
      command: "",
      text: Array.from({ length: lines }, (_, line) => `line ${line}`).join("\n"),
    }));

  test("is how its tests failed, and at most 40 lines", () => {
    assertEquals(excerpt(failed(1, 2), "output"), ["t0:", "line 0", "line 1"]);
    for (const [count, lines] of [[1, 100], [3, 30], [50, 1], [50, 100]] as const) {
      const shown = excerpt(failed(count, lines), "output");
      assert(shown.length <= 40 && shown.length > 35, `${count} of ${lines}: ${shown.length}`);
      assertEquals(shown.at(-1), "…");
    }
  });

  test("is how its output ends where no test tells more, without what passed", () => {
    const output = Array.from({ length: 100 }, (_, index) => `line ${index}`);
    const passed = ["(pass) a test [1.00ms]", "  another test ... ok (3ms)"];
    const shown = excerpt([], [...output, ...passed].join("\n"));
    assertEquals([shown.length, shown[0], shown.at(-1)], [40, "line 60", "line 99"]);
  });

  test("has no endless line", () => {
    assertEquals(excerpt([], "x".repeat(1000)), [`${"x".repeat(300)}…`]);
  });
});

test("a name is a word for a shell", () => {
  assertEquals(quote("a > b"), `"a > b"`);
  assertEquals(quote("costs $5"), "'costs $5'");
  assertEquals(quote("it's `x`"), `'it'\\''s \`x\`'`);
});
