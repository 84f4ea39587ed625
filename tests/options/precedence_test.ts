import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import type { Environment } from "../../src/options/option.ts";
import { serveFlags } from "../../src/options/serve_table.ts";
import type { ServiceOptions } from "../../src/options/service_options.ts";
import { UsageError } from "../../src/options/usage_error.ts";
import { parseServe } from "../cli/parsed.ts";

const handler = fileURLToPath(import.meta.url);

function parse(argv: string[], environment: Environment = {}): ServiceOptions {
  return parseServe([handler, ...argv], environment).options;
}

function refusal(argv: string[], environment: Environment = {}): string {
  return assertThrows(() => parseServe(argv, environment), UsageError).message;
}

describe("built-in defaults", () => {
  const defaults = ["--port", "1", "--host=127.0.0.1", "--command", "true", "--no-metrics"];
  const app = { name: "app", defaults };

  test("count after flags and variables, and before Hurricane's own", () => {
    const { options } = parseServe(["--command", "false"], { HURRICANE_HOST: "::1" }, app);
    const { port, host, command, metrics, reqQueueLen } = options;
    assertEquals({ port, host, command, metrics, reqQueueLen }, {
      port: 1,
      host: "::1",
      command: ["false"],
      metrics: false,
      reqQueueLen: 100,
    });
    assertEquals(parseServe(["--metrics", "/m"], {}, app).options.metrics, "/m");
  });

  test("are checked as flags are", () => {
    const refuse = (...defaults: string[]) =>
      assertThrows(() => parseServe([], {}, { name: "app", defaults }), UsageError).message;
    assertStringIncludes(refuse("--prot", "1"), "--port");
    assertStringIncludes(refuse("handler.ts"), "is no option");
    assertStringIncludes(refuse("--no-metrics", "--metrics", "/m"), "contradict");
  });
});

describe("PORT", () => {
  test("counts after the flag and HURRICANE_PORT", () => {
    assertEquals(parse([], { PORT: "1" }).port, 1);
    assertEquals(parse([], { PORT: "1", HURRICANE_PORT: "2" }).port, 2);
    assertEquals(parse(["--port=3"], { PORT: "1", HURRICANE_PORT: "2" }).port, 3);
  });

  test("is named when it is wrong", () => {
    assertStringIncludes(
      refusal([handler], { PORT: "web" }),
      'PORT must be a port from 0 to 65535, not "web"',
    );
    assertStringIncludes(refusal([handler], { PORT: "65535" }), "PORT is 65535");
  });

  test("as the address of a Service is a warning", () => {
    const { options, warnings } = parseServe([handler], { HURRICANE_PORT: "tcp://10.0.0.1:80" });
    assertEquals(options.port, 8000);
    assertEquals(warnings.length, 1);
  });
});

describe("--no-probe", () => {
  test("contradicts what only probes need", () => {
    for (const { flag, option, off } of serveFlags) {
      if (option.needs !== "probe" || off) continue;
      assertEquals(
        refusal([handler, `${flag}=1`, "--no-probe"]),
        `--no-probe and ${flag} contradict each other: give one of them`,
      );
    }
    const needing = new Set(
      serveFlags.filter(({ option }) => option.needs).map(({ option }) => option.key),
    );
    assertEquals(
      [...needing].toSorted(),
      [
        "livenessProbe",
        "metrics",
        "probeHost",
        "probePort",
        "readinessProbe",
        "startupProbe",
        "statusPage",
      ],
    );
  });

  test("leaves other options and variables in peace", () => {
    const options = parse(["--no-probe", "--no-metrics", "--log-probes"], {
      HURRICANE_PROBE_PORT: "1",
      HURRICANE_METRICS: "/x",
    });
    assertEquals([options.probe, options.metrics], [false, false]);
    assertEquals(parse(["--no-probe=false", "--probe-port=1"]).probe, true);
    assertEquals(parse(["--probe-port=1"], { HURRICANE_NO_PROBE: "1" }).probe, false);
  });
});

describe("--no-metrics", () => {
  test("contradicts --metrics", () => {
    for (const argv of [["--metrics", "/x", "--no-metrics"], ["--no-metrics", "--metrics=/x"]]) {
      assertEquals(
        refusal([handler, ...argv]),
        "--no-metrics and --metrics contradict each other: give one of them",
      );
    }
    assertEquals(parse(["--no-metrics=no", "--metrics=/x"]).metrics, "/x");
  });

  test("goes before a path from the same source, and a flag before a variable", () => {
    const both = { HURRICANE_METRICS: "/x", HURRICANE_NO_METRICS: "1" };
    assertEquals(parse([], both).metrics, false);
    assertEquals(parse(["--metrics=/y"], both).metrics, "/y");
    assertEquals(parse(["--no-metrics=false"], both).metrics, "/x");
    assertEquals(parse(["--no-metrics"], { HURRICANE_METRICS: "/x" }).metrics, false);
  });

  test("is what a path of false means, as elsewhere", () => {
    for (const off of ["false", "False", "no", "0"]) {
      assertEquals(parse([`--metrics=${off}`]).metrics, false, off);
      assertEquals(parse([], { HURRICANE_METRICS: off }).metrics, false, off);
      assertEquals(parse(["--metrics=/x"], { HURRICANE_METRICS: off }).metrics, "/x", off);
    }
    assertEquals(parse(["--metrics=/false"]).metrics, "/false");
    for (const on of ["true", "YES", "1"]) {
      assertStringIncludes(
        refusal([handler, `--metrics=${on}`]),
        `--metrics must be a plain path such as /ready, without spaces, query and fragment, or false, not "${on}"`,
      );
    }
  });
});

test("errors show neither credentials nor the secret", () => {
  for (const url of ["ftp://ops:hush@host/", "ops:hush@host", "http://ops:hush@ho st/"]) {
    for (
      const message of [
        refusal([handler, "--webhook-url", url]),
        refusal([handler], { HURRICANE_WEBHOOK_URL: `http://ok\n${url}` }),
      ]
    ) {
      assertFalse(message.includes("hush"), message);
      assertStringIncludes(message, "must be an absolute http or https URL");
    }
  }
  assertFalse(refusal([handler, "--webhook-secret", "whsec_hush"]).includes("hush"));
});

test("nothing but a usage error of one line comes out, whatever goes in", () => {
  const names = serveFlags.map(({ flag }) => flag);
  const value = fc.oneof(
    fc.constantFrom("0", "1", "65535", "5s", "1kb", "/", "/x", "true", "no", "--", "-", "", "a 'b"),
    fc.string({ unit: "binary" }),
  );
  const argument = fc.oneof(
    fc.constantFrom(...names, handler),
    fc.tuple(fc.constantFrom(...names, "--x"), value).map((parts) => parts.join("=")),
    value,
  );
  const variable = fc.constantFrom(...serveFlags.map(({ variable }) => variable), "PORT");
  fc.assert(fc.property(fc.array(argument), fc.dictionary(variable, value), (argv, environment) => {
    try {
      const { options } = parseServe([handler, ...argv], environment);
      assert(options.probePort >= 0 && options.probePort <= 65535);
    } catch (error) {
      assertInstanceOf(error, UsageError);
      assertFalse(/[\r\n]/.test(error.message), error.message);
    }
  }));
});
