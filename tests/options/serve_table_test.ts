import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { anyHost } from "../../src/options/any_host.ts";
import type { Environment, Flag } from "../../src/options/option.ts";
import { manifestTable } from "../../src/cli/commands/manifest_table.ts";
import { serveFlags, serveOptions, serveTable } from "../../src/options/serve_table.ts";
import { parseServe } from "../cli/parsed.ts";
import { resolveOptions } from "../../src/options/resolve.ts";
import type { Declaration } from "../../src/options/table.ts";
import type { ServeInput } from "../../src/options/serve_input.ts";
import { UsageError } from "../../src/options/usage_error.ts";
import { defaultMaxBodySize } from "../../src/runtime/runtime.ts";
import { ownVariables } from "../../src/supervisor/process/app_spawn.ts";
import { companionFlags, companionsOf, sampleOf } from "./samples.ts";

const handler = fileURLToPath(import.meta.url);

/** The value of one option; where it is given, so is what has to be given beside it. */
function read(
  { flag, variable, option }: Flag,
  argv: string[],
  environment: Environment = {},
): unknown {
  const given = argv.some((argument) => argument.startsWith(flag)) ||
    !["", "[]"].includes((environment[variable] ?? "").trim());
  const beside = given ? companionFlags(option) : [];
  return Object.entries(parseServe([handler, ...argv, ...beside], environment).options)
    .find(([key]) => key === option.key)?.[1];
}

function refusal(argv: string[], environment: Environment = {}): string {
  return assertThrows(() => parseServe([handler, ...argv], environment), UsageError).message;
}

/** The error names the option and what is allowed, and never the secret. */
function assertNames(message: string, name: string, flag: Flag): void {
  const { text, wrong } = sampleOf(flag.option);
  assertStringIncludes(message, name);
  assertFalse(message.includes("\n"));
  if (flag.option.value === "SECRET") {
    assertFalse(message.includes(wrong) || message.includes(text), message);
  } else assertStringIncludes(message, wrong);
}

for (const flag of serveFlags.filter(({ off }) => !off)) {
  const { flag: name, variable, option, takesValue } = flag;
  const { text, value, otherText, otherValue, wrong } = sampleOf(option);

  describe(name, () => {
    test("is read from the flag", () => {
      assertEquals(read(flag, [`${name}=${text}`]), value);
      assertEquals(read(flag, [`${name}=${otherText}`]), otherValue);
      assertEquals(read(flag, takesValue ? [name, text] : [name]), value);
    });

    test(`is read from ${variable}`, () => {
      assertEquals(read(flag, [], { [variable]: text }), value);
      assertEquals(read(flag, [], { [variable]: ` ${otherText}\n` }), otherValue);
    });

    test("takes the flag before the variable, and that before the default", () => {
      const unset = read(flag, []);
      assertEquals(read(flag, [`${name}=${otherText}`], { [variable]: text }), otherValue);
      assertEquals(read(flag, [`${name}=${otherText}`], { [variable]: wrong }), otherValue);
      assertEquals(read(flag, [], { [variable]: "" }), unset);
      assertEquals(read(flag, [], { [variable]: " \n" }), unset);
    });

    test("refuses a wrong value", () => {
      assertNames(refusal([`${name}=${wrong}`]), name, flag);
      assertNames(refusal([], { [variable]: wrong }), variable, flag);
    });

    test("is read from a program, which sees its own name in errors", () => {
      const input = { ...companionsOf(option), [option.key]: takesValue ? text : true };
      const found = Object.entries(resolveOptions(input, {})).find(([key]) => key === option.key);
      assertEquals(found?.[1], value);
      const wrongInput: ServeInput = { [option.key]: wrong };
      const { message } = assertThrows(() => resolveOptions(wrongInput, {}), UsageError);
      assertNames(message, option.key, flag);
      assertMatch(message, new RegExp(`^${option.key}\\b`));
    });

    if (takesValue) {
      test("needs its value", () => {
        assertStringIncludes(refusal([name]), `${name} needs a value: ${option.allowed}`);
        assertStringIncludes(refusal([name, "--log-probes"]), `${name} needs a value`);
        assertStringIncludes(refusal([name, "-1"]), `${name} needs a value`);
        if (option.value !== "SECRET") assertStringIncludes(refusal([`${name}=`]), `""`);
        else assertStringIncludes(refusal([`${name}=`]), name);
      });
    }

    if (option.repeatable) {
      const both = [value, otherValue].flat();

      test("can be repeated", () => {
        const argv = [`${name}=${text}`, `${name}=${otherText}`];
        assertEquals(read(flag, argv), both);
        assertEquals(read(flag, argv.toReversed(), { [variable]: wrong }), both.toReversed());
      });

      test(`has one value a line, or a JSON array, in ${variable}`, () => {
        assertEquals(read(flag, [], { [variable]: `${text}\r\n\n  ${otherText}\n` }), both);
        assertEquals(read(flag, [], { [variable]: JSON.stringify(both) }), both);
        assertEquals(read(flag, [], { [variable]: "[]" }), []);
        for (const bad of [`["${text}"`, `["${text}", 5]`, "[[]]"]) {
          assertStringIncludes(refusal([], { [variable]: bad }), `${variable} must be one value a`);
        }
      });

      test("names only the value that is wrong", () => {
        const message = refusal([], { [variable]: `${text}\n${wrong}` });
        assertNames(message, variable, flag);
        assertFalse(message.includes(text));
      });
    } else {
      test("cannot be given twice", () => {
        const message = refusal([`${name}=${text}`, `${name}=${text}`]);
        assertEquals(message, `${name} is given twice, and can be given once`);
      });
    }
  });
}

/** What is on only with another option. */
const onWith: Record<string, string[]> = { "--no-status-page": ["--watch"] };

for (const flag of serveFlags.filter(({ off }) => off)) {
  const { flag: name, variable } = flag;

  describe(name, () => {
    test("switches off, by flag and by variable", () => {
      const beside = onWith[name] ?? [];
      const on = read(flag, beside);
      assert(on !== false);
      assertEquals(read(flag, [name, ...beside]), false);
      assertEquals(read(flag, beside, { [variable]: "yes" }), false);
      assertEquals(read(flag, [`${name}=false`, ...beside]), on);
      assertEquals(read(flag, beside, { [variable]: "0" }), on);
      assertEquals(read(flag, [`${name}=false`, ...beside], { [variable]: "1" }), on);
      assertEquals(read(flag, [name, ...beside], { [variable]: "false" }), false);
    });

    test("refuses a wrong value", () => {
      const allowed = 'must be true, false, 1, 0, yes or no, not "off"';
      assertEquals(refusal([`${name}=off`]), `${name} ${allowed}`);
      assertEquals(refusal([], { [variable]: "off" }), `${variable} ${allowed}`);
    });
  });
}

test("the defaults are those of the contract", () => {
  assertEquals(parseServe([handler], {}), {
    handler,
    options: {
      port: 8000,
      host: anyHost(),
      probePort: 8001,
      probeHost: anyHost(),
      startupProbe: "/startup",
      readinessProbe: "/ready",
      livenessProbe: "/alive",
      probe: true,
      statusPage: false,
      metrics: "/metrics",
      reqQueueLen: 100,
      amqpQueue: [],
      amqpPrefetch: 10,
      amqpRetries: 5,
      command: [],
      webhookUrl: [],
      webhookTimeout: 5000,
      webhookRetries: 10,
      checkTimeout: 900,
      stallTimeout: 30_000,
      workers: 1,
      static: [],
      autoreload: false,
      watchPath: [],
      debugger: false,
      debuggerPort: 6499,
      maxMemory: "auto",
      maxRestarts: 5,
      shutdownDelay: 0,
      shutdownTimeout: 20_000,
      logLevel: "info",
      logFormat: "auto",
      accessLog: false,
      accessLogFields: "method,path,status,duration,client",
      trustedProxy: [],
      requestId: false,
      logProbes: false,
      otel: false,
    },
    warnings: [],
  });
});

test("a default is what it would be if it were given", () => {
  const declared: [string, Declaration][] = Object.entries({ ...serveTable, ...manifestTable });
  for (const [key, { kind, initial }] of declared) {
    if (initial === undefined) continue;
    assertEquals(kind.preset(initial as never), kind.parse(initial), key);
  }
});

test("the default that the help shows for the body size is the one that is used", () => {
  assertStringIncludes(
    serveOptions.find(({ key }) => key === "maxBodySize")?.default ?? "",
    `${defaultMaxBodySize / 1024 ** 2}mb`,
  );
});

test("what no error may show is in no variable of the handler", () => {
  const hidden = serveFlags.filter(({ option }) => option.show !== undefined);
  assertEquals(
    hidden.map(({ variable }) => variable).toSorted(),
    [...ownVariables].toSorted(),
  );
});

test("flags and variables are named after the keys", () => {
  const { flag, variable } = serveFlags.find(({ option }) => option.key === "reqQueueLen") ?? {};
  assertEquals([flag, variable], ["--req-queue-len", "HURRICANE_REQ_QUEUE_LEN"]);
  const names = serveFlags.map(({ flag }) => flag);
  assertEquals(new Set(names).size, names.length);
  assertFalse(names.includes("--probe"));
});

test("--watch is --autoreload", () => {
  assert(parseServe([handler, "--watch"], {}).options.autoreload);
  assert(parseServe([handler], { HURRICANE_WATCH: "1" }).options.autoreload);
  assertFalse(parseServe([handler, "--watch=no"], { HURRICANE_WATCH: "1" }).options.autoreload);
  assertStringIncludes(refusal(["--wach"]), "--watch");
});
