import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { resolve } from "node:path";
import { isPlainServe, likelyHandler } from "../src/plain_serve.ts";

const app = { name: "app", module: {} };

describe("isPlainServe", () => {
  const cases: [boolean, string, Parameters<typeof isPlainServe>][] = [
    [true, "serve", [["serve", "./handler.ts", "--port", "80"], {}]],
    [false, "nothing", [[], {}]],
    [false, "another command", [["manifest", "--image", "serve"], {}]],
    [false, "a question", [["serve", "--help"], {}]],
    [false, "a short question", [["serve", "-v"], {}]],
    [false, "a command before it", [["serve", "./handler.ts", "--command", "./migrate.ts"], {}]],
    [false, "the same with an equals sign", [["serve", "--command=./migrate.ts"], {}]],
    [false, "a command in a variable", [["serve"], { HURRICANE_COMMAND: "./migrate.ts" }]],
    [false, "a file that may name one", [["serve", "--config", "hurricane.toml"], {}]],
    [false, "a file in a variable", [["serve"], { HURRICANE_CONFIG: "hurricane.toml" }]],
    [true, "another option of the like", [["serve", "--command-timeout", "5s"], {}]],
    [true, "a program with a handler", [[], {}, app]],
    [true, "such a program with options", [["--port", "80"], {}, app]],
    [false, "such a program with another command", [["probe", "startup"], {}, app]],
    [false, "such a program with a command", [[], {}, {
      ...app,
      defaults: ["--command", "./migrate.ts"],
    }]],
  ];
  for (const [expected, name, given] of cases) {
    test(`${name}: ${expected}`, () => assertEquals(isPlainServe(...given), expected));
  }
});

test("the handler is likely what follows the command", () => {
  const handlers = [
    likelyHandler(["serve", "a/handler.ts", "--port", "80"]),
    likelyHandler(["serve", "--port", "80", "handler.ts"]),
    likelyHandler(["serve"]),
    likelyHandler(["serve", "handler.ts"], app),
  ];
  assertEquals(handlers, [resolve("a/handler.ts"), undefined, undefined, undefined]);
});
