import { describe, test } from "node:test";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { meant, testFile } from "../../scripts/suite/files.ts";
import { lanes, type Step } from "../../scripts/suite/steps.ts";
import { parseWords, UsageError } from "../../scripts/suite/words.ts";

const all = [
  "tests/log_test.ts",
  "tests/e2e/queue_test.ts",
  "tests/e2e/build_test.ts",
  "tests/apps/koa_test.ts",
  "src/log.ts",
].map(testFile);

/** The steps that some arguments lead to, by their names; paths are given from the repository. */
function steps(args: string[], executableIsOld = false): Map<string, Step> {
  const words = parseWords(args);
  const { paths } = words;
  const files = paths.length === 0 ? all : meant(new Map(paths.map((path) => [path, path])), all);
  const places = {
    bun: "bun",
    deno: "deno",
    reportOf: (name: string) => `/reports/${name}.xml`,
    filterMap: "/reports/map.json",
    executableIsOld: () => executableIsOld,
  };
  return new Map(lanes(words, files, places).flat().map((step) => [step.name, step]));
}

function names(...args: string[]): string[] {
  return [...steps(args).keys()];
}

const statics = ["fmt", "fmt (apps)", "lint", "check", "doc"];
const units = ["unit (bun)", "unit (deno)"];

describe("the steps", () => {
  const wanted: Record<string, string[]> = {
    "": [
      ...["build", "e2e (executable)", "apps (executable)", "e2e (packaging)"],
      ...["e2e (bun)", "apps (bun)"],
      ...[...statics, ...units, "examples", "e2e (deno)", "apps (deno)"],
    ],
    static: statics,
    unit: [...units, "examples"],
    "unit bun": ["unit (bun)"],
    "unit deno": ["unit (deno)", "examples"],
    "static unit": ["unit (bun)", ...statics, "unit (deno)", "examples"],
    e2e: ["build", "e2e (executable)", "e2e (packaging)", "e2e (bun)", "e2e (deno)"],
    bun: ["e2e (bun)"],
    executable: ["build", "e2e (executable)", "e2e (packaging)"],
    "e2e bun deno": ["e2e (bun)", "e2e (deno)"],
    "tests/log_test.ts": units,
    "bun tests/log_test.ts": ["unit (bun)"],
    "tests/e2e/queue_test.ts": ["e2e (executable)", "e2e (bun)", "e2e (deno)"],
    "e2e bun tests/e2e/queue_test.ts": ["e2e (bun)"],
    "tests/e2e/build_test.ts": ["e2e (packaging)"],
    "bun tests/e2e/build_test.ts": ["e2e (packaging)"],
    "bun tests/e2e": ["e2e (bun)"],
    apps: ["build", "apps (executable)", "apps (bun)", "apps (deno)"],
    "apps deno": ["apps (deno)"],
    "deno tests/apps/koa_test.ts": ["apps (deno)"],
    "src/log.ts": ["examples"],
    "src tests/log_test.ts": ["unit (bun)", "unit (deno)", "examples"],
    "--filter queue": [
      ...["e2e (executable)", "e2e (packaging)", "e2e (bun)"],
      ...[...units, "e2e (deno)"],
    ],
    "unit --filter queue": units,
  };
  for (const [args, expected] of Object.entries(wanted)) {
    test(`of "${args}"`, () => {
      assertEquals(names(...args.split(" ").filter((word) => word !== "")), expected);
    });
  }

  const refused: Record<string, string> = {
    "unit executable": "unit executable: unit tests do not run on the executable",
    "executable tests/log_test.ts":
      "executable tests/log_test.ts: unit tests do not run on the executable",
    "executable tests/log_test.ts tests/e2e/queue_test.ts":
      "executable tests/log_test.ts: unit tests do not run on the executable",
    "e2e tests/log_test.ts": "e2e tests/log_test.ts: these are unit tests, not e2e",
    "unit tests/e2e": "unit tests/e2e: these are end-to-end tests, not unit",
    "unit tests/log_test.ts tests/e2e/queue_test.ts":
      "unit tests/e2e/queue_test.ts: these are end-to-end tests, not unit",
    "e2e tests/apps/koa_test.ts": "e2e tests/apps/koa_test.ts: these are tests of apps, not e2e",
    "e2e src/log.ts": "e2e src/log.ts: these are examples, not e2e",
    "bun src/log.ts": "bun src/log.ts: examples run on deno alone",
    "src/log.ts --filter x": "src/log.ts: examples have no names that --filter could be about",
  };
  for (const [args, message] of Object.entries(refused)) {
    test(`are never none, nor without a file that was named: "${args}"`, () => {
      const { message: told } = assertThrows(() => names(...args.split(" ")), UsageError);
      assertEquals(told, message);
    });
  }

  test("that look at everything are run again as they were asked for", () => {
    for (const name of statics) assertEquals(steps([]).get(name)?.again, "static");
  });
});

describe("the executable is built", () => {
  test("as a test of its own, where all that uses it runs", () => {
    for (const args of [[], ["e2e"], ["executable"]]) {
      assertEquals(steps(args).get("build")?.prepares, false);
    }
  });

  test("where it is old, before single tests that use it", () => {
    for (const path of ["tests/e2e/queue_test.ts", "tests/e2e/build_test.ts", "tests"]) {
      assertEquals([...steps([path], true).keys()][0], "build");
      assertEquals(steps([path], true).get("build")?.prepares, true);
      assert(!steps([path]).has("build"));
    }
    assert(!steps(["bun", "tests/e2e/queue_test.ts"], true).has("build"));
    assert(!steps(["tests/log_test.ts"], true).has("build"));
  });
});

describe("a step", () => {
  test("has only its own files, its form and its report", () => {
    const { command = [], env, report } = steps(["e2e"]).get("e2e (deno)") ?? {};
    assertEquals(command.filter((word) => word.endsWith("_test.ts")), [
      "./tests/e2e/queue_test.ts",
    ]);
    assertEquals(env, { HURRICANE_FORM: "deno" });
    assertEquals(report, "/reports/e2e (deno).xml");
    assert(command.includes(`--reporter-outfile=${report}`));
    assert(!command.some((word) => /filter|pattern|map/.test(word)));
  });

  test("of apps knows which were named: heavy ones run only then", () => {
    const named = (args: string[]) => steps(args).get("apps (deno)")?.env?.["TEST_APPS_NAMED"];
    assertEquals(named(["apps"]), "");
    assertEquals(named(["tests/apps/koa_test.ts"]), "tests/apps/koa_test.ts");
  });

  test("of Bun matches the filter in names without a sign between the groups", () => {
    const { command = [] } = steps(["unit", "--filter", "a (b) > c > d"]).get("unit (bun)") ?? {};
    const pattern = command[command.indexOf("--test-name-pattern") + 1] ?? "";
    assertMatch("a (b) c d", new RegExp(pattern));
    assertMatch("z a (b) c > d e", new RegExp(pattern));
    assert(!new RegExp(pattern).test("a b c d"));
  });

  test("of Deno fails with errors outside its tests, whatever it runs", () => {
    for (const args of [["unit"], ["unit", "--filter", "x"]]) {
      const { command } = steps(args).get("unit (deno)") ?? {};
      assert(command?.includes("--preload=./scripts/suite/deno_errors.ts"));
    }
  });

  test("of Deno is given the filter and what heeds it", () => {
    const { command, env } = steps(["unit", "--filter", "a > b"]).get("unit (deno)") ?? {};
    assert(command?.includes("--import-map=/reports/map.json"));
    assertEquals(env, { TEST_FILTER: "a > b" });
  });
});
