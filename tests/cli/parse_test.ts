import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import process from "node:process";
import { after, describe, test } from "node:test";
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
import { parseServe } from "../../src/cli/parse.ts";
import type { ServeOptions } from "../../src/options/serve_options.ts";
import { UsageError } from "../../src/options/usage_error.ts";

const folder = mkdtempSync(join(tmpdir(), "hurricane-cli-"));
const handler = join(folder, "handler.ts");
writeFileSync(handler, "");
after(() => rmSync(folder, { recursive: true }));

function parse(argv: string[], environment: Environment = {}): ServeOptions {
  return parseServe([handler, ...argv], environment).options;
}

function refusal(argv: string[], environment: Environment = {}): string {
  return assertThrows(() => parseServe(argv, environment), UsageError).message;
}

describe("the handler", () => {
  test("becomes an absolute path", () => {
    assertEquals(parseServe([relative(process.cwd(), handler)], {}).handler, handler);
    assertEquals(parseServe(["--port", "1", handler, "--access-log"], {}).handler, handler);
    assertEquals(parseServe(["--access-log", handler], {}).handler, handler);
    assertEquals(parseServe(["--", handler], {}).handler, handler);
  });

  test("may be a link to a file, and stays one", () => {
    const link = join(folder, "link.ts");
    symlinkSync(handler, link);
    assertEquals(parseServe([link], {}).handler, link);
  });

  test("must be given", () => {
    assertStringIncludes(refusal([]), "no handler is given");
    assertStringIncludes(refusal(["--command", handler]), "no handler is given");
  });

  test("must be a file, and what was looked for is said", () => {
    assertEquals(
      refusal(["./nowhere.ts"]),
      `the handler "./nowhere.ts" cannot be used: there is no file ${
        join(process.cwd(), "nowhere.ts")
      }`,
    );
    assertStringIncludes(refusal([folder]), `${folder} is a directory`);
    assertStringIncludes(refusal(["/dev/null"]), "/dev/null is no regular file");
    assertStringIncludes(refusal([`${handler}/x`]), `${handler}/x cannot be reached (ENOTDIR)`);
    assertStringIncludes(refusal([""]), "is a directory");
  });

  test("is one", () => {
    assertStringIncludes(refusal([handler, "--command", "node", "x.js"]), '"x.js"');
  });

  test("is not given where one is built in", () => {
    const app = { name: "./app" };
    assertEquals(parseServe(["--port", "1"], {}, app).handler, "./app");
    const { message } = assertThrows(() => parseServe([handler], {}, app), UsageError);
    assertStringIncludes(message, "the handler ./app is built in");
    const { message: watching } = assertThrows(
      () => parseServe(["--watch"], {}, { name: "./app" }),
      UsageError,
    );
    assertStringIncludes(watching, "./app is built in");
  });
});

test("what means nothing without another option is warned of, not refused", () => {
  const warnings = (argv: string[], environment = {}) =>
    parseServe([handler, ...argv], environment).warnings;
  assertEquals(warnings(["--watch-path", "x"]), [
    "--watch-path means nothing without --autoreload",
  ]);
  assertEquals(warnings([], { HURRICANE_DEBUGGER_PORT: "1" }), [
    "HURRICANE_DEBUGGER_PORT means nothing without --debugger",
  ]);
  assertEquals(warnings(["--watch", "--watch-path", "x"]), []);
  assertEquals(warnings(["--debugger", "--debugger-port", "1"]), []);
});

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
      reqQueueLen: 10,
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
      ["livenessProbe", "metrics", "probeHost", "probePort", "readinessProbe", "startupProbe"],
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
});

test("errors name each of two paths as it was given", () => {
  assertEquals(
    refusal([handler, "--startup-probe=x"], { HURRICANE_METRICS: "/x/" }),
    '"/x" is the path of the startup probe (--startup-probe) and of the metrics endpoint ' +
      "(HURRICANE_METRICS): each needs its own",
  );
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
