import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { serveFlags } from "../../src/options/serve_table.ts";
import { runtime } from "../../src/runtime/mod.ts";
import { version } from "../../src/version.ts";

const program = fileURLToPath(new URL("./program.ts", import.meta.url));

interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `hurricane` with these arguments; all of them end before anything is served. */
function hurricane(argv: string[], variables: Record<string, string> = {}): Outcome {
  const { file, args, env } = runtime.script(program);
  const { status, stdout, stderr } = spawnSync(file, [...args, ...argv], {
    env: { ...process.env, ...env, ...variables },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

/** Exit code 2, and one line on standard error, for a person: what logs are for collects JSON. */
function assertRefused(argv: string[], expected: string, variables?: Record<string, string>): void {
  assertEquals(hurricane(argv, { HURRICANE_LOG_FORMAT: "pretty", ...variables }), {
    status: 2,
    stdout: "",
    stderr: `hurricane: ${expected}\n`,
  });
}

/** The commands as an error lists them. */
const names = "serve, consume, init, build, probe, manifest, schema, completions, man";

describe("help", () => {
  test("lists the commands", () => {
    const { status, stdout, stderr } = hurricane(["--help"]);
    assertEquals([status, stderr], [0, ""]);
    assertStringIncludes(stdout, "$ hurricane <command> [options]");
    assertMatch(stdout, /\n {2}serve <handler> +Serve/);
    assertMatch(stdout, /\n {2}build <handler> +Make/);
    assertMatch(stdout, /\n {2}probe <startup\|readiness\|liveness> +Ask/);
    assertStringIncludes(stdout, "--version");
    assertFalse(/ $/m.test(stdout));
  });

  test("is what one gets without arguments", () => {
    assertEquals(hurricane([]), hurricane(["-h"]));
  });

  test("of serve shows each option and its default, on lines of at most 100 columns", () => {
    const { status, stdout, stderr } = hurricane(["serve", "--help"]);
    assertEquals([status, stderr], [0, ""]);
    for (const { flag, aliases, option, off, takesValue } of serveFlags) {
      const short = option.short === undefined ? "" : `-${option.short}, `;
      const left = short + [flag, ...aliases].join(", ") + (takesValue ? ` <${option.value}>` : "");
      assert(stdout.split("\n").some((line) => line.startsWith(`  ${left}  `)), left);
      if (!off && option.default) assertStringIncludes(stdout, `(default: ${option.default})`);
    }
    for (const line of stdout.split("\n")) {
      assert(line.length <= 100, line);
      assertEquals(line, line.trimEnd());
    }
    for (const title of new Set(serveFlags.map(({ option }) => option.group))) {
      assertStringIncludes(stdout, `\n${title}:\n`);
    }
    assertStringIncludes(stdout, "HURRICANE_PORT");
    assertStringIncludes(stdout, "\n  $ hurricane serve ./handler.ts\n");
  });

  test("goes before everything else", () => {
    const help = hurricane(["serve", "--help"]);
    assertEquals(hurricane(["serve", "./nowhere.ts", "--prot", "x", "-h"]), help);
    assertEquals(hurricane(["--port", "80", "serve", "--help", "--version"]), help);
    assertEquals(hurricane(["serve", "--host=x", "--", "--version"]).status, 2);
  });
});

test("--version names Hurricane's and the runtime's", () => {
  const expected = {
    status: 0,
    stdout: `hurricane ${version} (${runtime.name} ${runtime.version}, ${runtime.target})\n`,
    stderr: "",
  };
  for (const argv of [["--version"], ["-v"], ["serve", "--version"]]) {
    assertEquals(hurricane(argv), expected);
  }
});

describe("wrong use", () => {
  test("of an option", () => {
    assertRefused(
      ["serve", program, "--prot", "80"],
      "unknown option --prot; did you mean --port?",
    );
    assertRefused(
      ["serve", program],
      'HURRICANE_PORT must be a port from 0 to 65535, not "web"',
      { HURRICANE_PORT: "web" },
    );
  });

  test("of a command", () => {
    assertRefused(["srve", program], 'unknown command "srve"; did you mean serve?');
    assertRefused(["help", "serv"], 'unknown command "serv"; did you mean serve?');
    assertRefused(["halp"], 'unknown command "halp"; did you mean --help?');
    assertRefused(["frobnicate"], `unknown command "frobnicate"; there are ${names} (and --help)`);
    assertRefused(["--port", "80"], `no command is given; there are ${names} (and --help)`);
    assertRefused(["--prot", "80"], "unknown option --prot; did you mean --port?");
    assertRefused(
      ["--access-log", "--", "-h"],
      `unknown command "-h"; there are ${names} (and --help)`,
    );
    assertRefused(["-"], `unknown command "-"; there are ${names} (and --help)`);
  });

  test("of a file as a command", () => {
    for (const file of ["./handler.ts", "/dev/null"]) {
      assertRefused(
        [file, "--port", "80"],
        `unknown command ${JSON.stringify(file)}; did you mean "hurricane serve ${file}"?`,
      );
    }
  });

  test("of a handler, also with options before the command", () => {
    assertRefused(
      ["--host", "serve", "--access-log", "serve", "/nowhere.ts"],
      'the handler "/nowhere.ts" cannot be used: there is no file /nowhere.ts',
    );
  });
});

describe("schema and man", () => {
  test("print one document, and take nothing", () => {
    const { status, stdout, stderr } = hurricane(["schema"]);
    assertEquals([status, stderr], [0, ""]);
    assertEquals(JSON.parse(stdout).properties.port.default, 8000);
    assertMatch(hurricane(["man"]).stdout, /^\.TH HURRICANE 1 /);
    assertRefused(["schema", "x"], 'schema takes nothing, not "x"');
    assertRefused(["man", "x"], 'man takes nothing, not "x"');
  });
});

describe("with a built-in handler", () => {
  const variables = { BUILTIN: "./app" };

  test("help is serve's, without its name and a handler", () => {
    const { status, stdout } = hurricane(["--help"], variables);
    assertEquals(status, 0);
    assertStringIncludes(stdout, "$ ./app [options]\n");
    assertStringIncludes(stdout, "--req-queue-len");
    assertFalse(stdout.includes("handler.ts"), stdout);
    assertFalse(stdout.includes("hurricane serve"), stdout);
  });

  test("serve is implied, and can be written", () => {
    const expected = '--port must be a port from 0 to 65535, not "x"';
    assertRefused(["--port", "x"], expected, variables);
    assertRefused(["serve", "--port", "x"], expected, variables);
    assertRefused([], 'PORT must be a port from 0 to 65535, not "x"', { ...variables, PORT: "x" });
  });

  test("other commands can be written, also behind their options", () => {
    const expected = "probe takes one of startup, readiness and liveness, not nothing";
    assertRefused(["probe"], expected, variables);
    assertRefused(["--probe-port", "1", "probe"], expected, variables);
    const { status, stdout } = hurricane(["probe", "--help"], variables);
    assertEquals(status, 0);
    assertStringIncludes(stdout, "$ ./app probe <startup|readiness|liveness> [options]\n");
  });

  test("the name of a command can be a value", () => {
    const expected = '--port must be a port from 0 to 65535, not "x"';
    assertRefused(["--host", "build", "--port", "x"], expected, variables);
    assertRefused(["--host", "serve", "--port", "x"], expected, variables);
  });

  test("what is Hurricane's own is refused", () => {
    for (const argv of [["init"], ["completions", "bash"], ["man"]]) {
      const expected = `${argv[0]} is a command of hurricane itself, and not of ./app`;
      assertRefused(argv, expected, variables);
    }
  });

  test("there is no other", () => {
    assertRefused(
      ["./handler.ts"],
      '"./handler.ts" is one too many: the handler ./app is built in',
      variables,
    );
  });
});
