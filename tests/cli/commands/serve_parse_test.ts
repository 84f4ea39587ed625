import { fileURLToPath } from "node:url";
import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../../src/options/usage_error.ts";
import { parseServe } from "../parsed.ts";

const handler = fileURLToPath(import.meta.url);

function refusal(...args: Parameters<typeof parseServe>): string {
  return assertThrows(() => parseServe(...args), UsageError).message;
}

describe("the handler", () => {
  test("stands anywhere among the options", () => {
    for (
      const argv of [
        [handler],
        ["--port", "1", handler, "--access-log"],
        ["--access-log", handler],
        ["--", handler],
      ]
    ) assertEquals(parseServe(argv, {}).handler, handler);
  });

  test("is no value of an option", () => {
    assertStringIncludes(refusal(["--command", handler], {}), "no handler is given");
    assertStringIncludes(refusal([handler, "--command", "node", "x.js"], {}), '"x.js"');
  });

  test("is not given where one is built in", () => {
    const app = { name: "./app" };
    assertEquals(parseServe(["--port", "1"], {}, app).handler, "./app");
    assertStringIncludes(refusal([handler], {}, app), "the handler ./app is built in");
    assertStringIncludes(refusal(["--watch"], {}, app), "./app is built in");
  });
});

test("warnings are of variables and of options", () => {
  const environment = { HURRICANE_COLOUR: "red", HURRICANE_WATCH_PATH: "x" };
  assertEquals(parseServe([handler], environment).warnings, [
    "HURRICANE_COLOUR is none of Hurricane's variables",
    "HURRICANE_WATCH_PATH means nothing without --autoreload",
  ]);
});
