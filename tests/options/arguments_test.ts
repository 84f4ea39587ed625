import { describe, test } from "node:test";
import { assertEquals, assertFalse, assertThrows } from "@std/assert";
import { readArguments, splitAtDoubleDash, tokenize } from "../../src/options/arguments.ts";
import { serveFlags } from "../../src/options/serve_table.ts";
import { UsageError } from "../../src/options/usage_error.ts";

function read(...argv: string[]): { given: Record<string, unknown>; positionals: string[] } {
  const { given, positionals } = readArguments(tokenize(argv, serveFlags), serveFlags);
  const entries = [...given.values()].map(({ name, value }) => [name, value]);
  return { given: Object.fromEntries(entries), positionals };
}

function refusal(...argv: string[]): string {
  return assertThrows(() => read(...argv), UsageError).message;
}

test("values stay what they are", () => {
  assertEquals(
    read("--webhook-secret", "0123", "--host=1e3", "--command", "5", "--command=", "--port=0x10"),
    {
      given: {
        "--webhook-secret": "0123",
        "--host": "1e3",
        "--command": ["5", ""],
        "--port": "0x10",
      },
      positionals: [],
    },
  );
});

test("flags and positionals mix", () => {
  assertEquals(read("--access-log", "a", "--port", "1", "b", "--no-probe", "--", "--port", "c"), {
    given: { "--access-log": "true", "--port": "1", "--no-probe": "true" },
    positionals: ["a", "b", "--port", "c"],
  });
});

test("a value that begins with a dash follows an equals sign", () => {
  assertEquals(read("--command=-x", "--command=--port=5=6").given, {
    "--command": ["-x", "--port=5=6"],
  });
  assertEquals(read("--command", "-").given, { "--command": ["-"] });
  for (const value of ["-x", "--", "--port"]) {
    assertEquals(
      refusal("--command", value),
      "--command needs a value: a command line (one that begins with a dash: --command=-…)",
    );
  }
});

test("a value with an empty equals sign does not take the next argument", () => {
  assertEquals(read("--host=", "a"), { given: { "--host": "" }, positionals: ["a"] });
});

test("a repeatable option keeps its order among others", () => {
  assertEquals(read("--command", "b", "--port", "1", "--command=a").given["--command"], ["b", "a"]);
});

test("a command line is parted at its first double dash", () => {
  const split = (...argv: string[]) => {
    const { before, after } = splitAtDoubleDash(tokenize(argv, serveFlags));
    return [readArguments(before, serveFlags).positionals, after];
  };
  assertEquals(split("a", "--", "--port", "80", "--", "b"), [["a"], ["--port", "80", "--", "b"]]);
  assertEquals(split("a", "--"), [["a"], []]);
  assertEquals(split("a", "b"), [["a", "b"], []]);
});

describe("unknown options", () => {
  test("are answered with the nearest known one", () => {
    assertEquals(refusal("--prot", "80"), "unknown option --prot; did you mean --port?");
    assertEquals(refusal("-host", "a"), "unknown option -host; did you mean --host?");
    assertEquals(refusal("--acess-log"), "unknown option --acess-log; did you mean --access-log?");
    assertEquals(refusal("--hepl"), "unknown option --hepl; did you mean --help?");
    assertEquals(refusal("--no-metric"), "unknown option --no-metric; did you mean --no-metrics?");
  });

  test("are answered with a pointer where none is near", () => {
    for (
      const flag of ["--threads", "-x", "--probe", "--Port", "--__proto__", "--constructor", "---"]
    ) {
      const message = refusal(flag, "2");
      assertEquals(message.startsWith(`unknown option ${flag};`), true, message);
    }
    assertEquals(refusal("--threads=2"), "unknown option --threads; --help lists the options");
  });

  test("do not give away a value", () => {
    assertFalse(refusal("--webhook-secert=hush").includes("hush"));
    assertFalse(refusal("--webhook-secret", "-hush").includes("hush"));
  });
});
