import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { type Case, readReport } from "../../scripts/suite/report.ts";

const bun = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bun test" tests="5" failures="1" skipped="2" time="0.05">
  <testsuite name="tests/a_test.ts" file="tests/a_test.ts" tests="5" time="0.02">
    <testsuite name="outer &lt;x&gt;" file="tests/a_test.ts" line="2" tests="4" time="0">
      <testcase name="one" classname="outer" time="0.001" file="tests/a_test.ts" line="4" />
      <testsuite name="inner" file="tests/a_test.ts" line="5" tests="2" time="0">
        <testcase name="two" classname="inner &gt; outer" file="tests/a_test.ts" line="5" />
        <testcase name="skipped" classname="inner &gt; outer" file="tests/a_test.ts" line="5">
          <skipped />
        </testcase>
      </testsuite>
      <testcase name="fails" classname="outer" time="0.005" file="tests/a_test.ts" line="6">
        <failure type="Error" message="boo">Error: &quot;boo&quot;&#10;      at a_test.ts:6:35&#10;</failure>
      </testcase>
    </testsuite>
    <testcase name="alone" classname="" time="0.0004" file="tests/a_test.ts" line="8">
      <failure message="only a message" />
    </testcase>
  </testsuite>
</testsuites>`;

const deno = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="9" failures="2" errors="0" time="0.015">
    <testsuite name="./tests/a_test.ts" tests="3" disabled="1" errors="0" failures="1">
        <testcase name="outer" classname="./tests/a_test.ts" time="0.007" line="3" col="140">
            <failure message="1 test step failed">1 test step failed.</failure>
        </testcase>
        <testcase name="alone" classname="./tests/a_test.ts" time="0.001" line="3" col="140">
        </testcase>
        <testcase name="all skipped" classname="./tests/a_test.ts" time="0.000" line="3" col="140">
            <skipped/>
        </testcase>
    </testsuite>
    <testsuite name="ext:deno_node/testing.ts" tests="4" disabled="0" errors="0" failures="1">
        <testcase name="outer &gt; one" classname="ext:deno_node/testing.ts" time="0.000" line="1">
        </testcase>
        <testcase name="outer &gt; inner" classname="ext:deno_node/testing.ts" time="0.000" line="1">
        </testcase>
        <testcase name="outer &gt; inner &gt; two" classname="ext:deno_node/testing.ts" line="1">
        </testcase>
        <testcase name="outer &gt; fails" classname="ext:deno_node/testing.ts" time="0.002" line="1">
            <failure message="Uncaught Error: boo">Error: boo
    at NodeTestContext.&lt;anonymous&gt; (file:///x/tests/a_test.ts:6:31)</failure>
        </testcase>
    </testsuite>
</testsuites>`;

function told(cases: Case[]): string[] {
  return cases.map(({ name, file, outcome }) => `${outcome}: ${name} (${file})`).sort();
}

describe("a report of Bun", () => {
  test("has tests in groups in files", () => {
    assertEquals(told(readReport(bun)), [
      "failed: alone (tests/a_test.ts)",
      "failed: outer <x> > fails (tests/a_test.ts)",
      "passed: outer <x> > inner > two (tests/a_test.ts)",
      "passed: outer <x> > one (tests/a_test.ts)",
      "skipped: outer <x> > inner > skipped (tests/a_test.ts)",
    ]);
  });

  test("tells how tests failed", () => {
    const failures = readReport(bun).flatMap(({ failure }) => failure === "" ? [] : [failure]);
    assertEquals(failures, ['Error: "boo"\n      at a_test.ts:6:35', "only a message"]);
  });
});

describe("a report of Deno", () => {
  test("has groups beside their tests, which do not count", () => {
    assertEquals(told(readReport(deno)), [
      "failed: outer > fails (tests/a_test.ts)",
      "passed: alone (tests/a_test.ts)",
      "passed: outer > inner > two (tests/a_test.ts)",
      "passed: outer > one (tests/a_test.ts)",
      "skipped: all skipped (tests/a_test.ts)",
    ]);
  });

  test("has a group that failed by itself", () => {
    const afterwards = deno.replace(/1 test step failed\.?/g, "Error: the group's after()");
    assertEquals(told(readReport(afterwards))[0], "failed: outer (tests/a_test.ts)");
  });

  test("has the file in what failed, where it is nowhere else", () => {
    const elsewhere = deno.replaceAll("./tests/a_test.ts", "./scripts/suite/deno_filter.ts");
    assertEquals(told(readReport(elsewhere, "fails")), ["failed: outer > fails (tests/a_test.ts)"]);
  });

  test("has examples by their lines", () => {
    const name = "file:///x/src/within.ts#9-16.ts";
    const report =
      `<testsuites><testsuite name="${name}"><testcase name="${name}" classname="${name}">
      </testcase></testsuite></testsuites>`;
    assertEquals(readReport(report).map(({ file }) => file), ["src/within.ts"]);
  });
});

test("with a filter, only the tests count that have it in their full names", () => {
  assertEquals(readReport(bun, "inner > ").length, 2);
  assertEquals(readReport(deno, "inner > ").length, 1);
  // A group of which no test was run is reported alone.
  assertEquals(readReport(deno, "no such").length, 0);
});

test("without a report there are no tests", () => assertEquals(readReport(""), []));
