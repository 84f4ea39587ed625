import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { assertEquals, assertFalse, assertRejects } from "@std/assert";
import { parseServe as parseServeLine } from "../../src/cli/commands/serve_parse.ts";
import { tokenize } from "../../src/options/arguments.ts";
import { readConfig, serviceFlags } from "../../src/options/config_file.ts";
import { type Environment, wordsOf } from "../../src/options/option.ts";
import { serveOptions } from "../../src/options/serve_table.ts";
import type { ServiceOptions } from "../../src/options/service_options.ts";
import { UsageError } from "../../src/options/usage_error.ts";
import { TempDir } from "../support/temp_dir.ts";
import { companionsOf, sampleOf } from "./samples.ts";

const handler = fileURLToPath(import.meta.url);

interface Given {
  argv?: string[];
  environment?: Environment;
  defaults?: string[];
}

/** The options of a service with a file of this text, which `--config` names unless another one does. */
async function withFile(
  text: string,
  { argv = [], environment = {}, defaults }: Given = {},
): Promise<ServiceOptions> {
  using dir = new TempDir();
  const path = dir.file("hurricane.toml", text);
  const named = environment["HURRICANE_CONFIG"] === undefined ? ["--config", path] : [];
  const variables = { ...environment, ...(named.length === 0 ? { HURRICANE_CONFIG: path } : {}) };
  const builtin = defaults && { name: "app", defaults };
  const line = tokenize([...builtin ? [] : [handler], ...named, ...argv], serviceFlags);
  const { options, warnings } = parseServeLine(
    line,
    variables,
    builtin,
    undefined,
    await readConfig(line, variables),
  );
  assertEquals(warnings.filter((warning) => !warning.includes("means nothing without")), []);
  return options;
}

/** What is wrong with a file, without its folder. */
async function refusal(text: string): Promise<string> {
  const { message } = await assertRejects(() => withFile(text), UsageError);
  return message.replaceAll(/(^|\()\/\S+\/hurricane\.toml/g, "$1hurricane.toml");
}

/** A value as TOML has it: numbers are counts, and all else is text. */
function written(text: string, value: unknown): string {
  const isCount = /^\d+$/.test(text) && typeof value === "number";
  return typeof value === "boolean" ? String(value) : isCount ? text : JSON.stringify(text);
}

describe("a file of options", () => {
  for (const option of serveOptions) {
    test(`has ${wordsOf(option.key)}`, async () => {
      const { text, value, otherText, otherValue } = sampleOf(option);
      const companions = Object.entries(companionsOf(option))
        .map(([key, value]) => `${wordsOf(key)} = ${JSON.stringify(value)}\n`).join("");
      const name = wordsOf(option.key);
      for (const [given, expected] of [[text, value], [otherText, otherValue]] as const) {
        const options = await withFile(`${companions}${name} = ${written(given, expected)}\n`);
        assertEquals(options[option.key as keyof ServiceOptions], expected);
      }
    });
  }

  test("counts after flags and variables, and before what is built in", async () => {
    const text = "req-queue-len = 3\n";
    const limit = async (given: Given) => (await withFile(text, given)).reqQueueLen;
    assertEquals(await limit({}), 3);
    assertEquals(await limit({ environment: { HURRICANE_REQ_QUEUE_LEN: "2" } }), 2);
    assertEquals(
      await limit({
        argv: ["--req-queue-len=1"],
        environment: { HURRICANE_REQ_QUEUE_LEN: "2" },
      }),
      1,
    );
    assertEquals(await limit({ defaults: ["--req-queue-len=4"] }), 3);
    assertEquals((await withFile("", { defaults: ["--req-queue-len=4"] })).reqQueueLen, 4);
  });

  test("is named by HURRICANE_CONFIG as well", async () => {
    assertEquals((await withFile("port = 7\n", { environment: { HURRICANE_CONFIG: "" } })).port, 7);
  });

  test("switches off what a flag --no-… would, and a flag switches it on again", async () => {
    const text = "metrics = false\nprobe = true\n";
    assertEquals((await withFile(text)).metrics, false);
    assertEquals((await withFile(text, { argv: ["--metrics=/m"] })).metrics, "/m");
    assertEquals((await withFile("probe = false\n")).probe, false);
  });

  test("has several values of a repeatable option as an array", async () => {
    const { command } = await withFile('command = [\n  "./a.ts",\n  "./b.ts --all",\n]\n');
    assertEquals(command, ["./a.ts", "./b.ts --all"]);
  });

  const refused: Record<string, string> = {
    "reqQueueLen = 5": "hurricane.toml, line 1: reqQueueLen is no option of serve; did you mean " +
      "req-queue-len?",
    "tls_client_ca = 5": "hurricane.toml, line 1: tls_client_ca is no option of serve; did you " +
      "mean tls-client-ca?",
    "\nprot = 80\n": "hurricane.toml, line 2: prot is no option of serve; did you mean port?",
    "frobnicate = 80":
      "hurricane.toml, line 1: frobnicate is no option of serve; serve --help lists the options",
    "no-metrics = true":
      "hurricane.toml, line 1: no-metrics is no option of serve; give metrics = false",
    "watch = true": "hurricane.toml, line 1: watch is no option of serve; give autoreload",
    "config = 'x.toml'":
      "hurricane.toml, line 1: config is no option of serve; serve --help lists the options",
    "[serve]\nport = 80":
      "hurricane.toml, line 1: serve is a table: options stand at the top of the file, outside of tables",
    "[port]\nx = 1": "hurricane.toml, line 1: port must be a port from 0 to 65535, not a table",
    '# first\n"port" = 70000':
      "hurricane.toml, line 2: port must be a port from 0 to 65535, not 70000",
    "port = true": "hurricane.toml, line 1: port must be a port from 0 to 65535, not true",
    "check-timeout = 5":
      "hurricane.toml, line 1: check-timeout must be a duration above 0 with its unit, such as " +
      "500ms, 5s, 2m or 1h, and at most 596h, not 5",
    "app-version = 1.10":
      "hurricane.toml, line 1: app-version must be a version such as 1.4.2 or a commit: at most 128 " +
      "letters, digits and ._+:/@-, not 1.1",
    "host = 2020-01-02":
      "hurricane.toml, line 1: host must be an IP address or a host name, without scheme and port, " +
      "not a date: text needs quotes",
    "max-body-size = 1.5":
      "hurricane.toml, line 1: max-body-size must be a size above 0 in bytes, or in kb, mb or gb, " +
      "such as 100mb, not 1.5",
    "metrics = 1":
      "hurricane.toml, line 1: metrics must be a plain path such as /ready, without spaces, query " +
      "and fragment, or false, not 1",
    // It could be either line.
    'host = """\nport = 80\n"""\nport = 70000':
      "hurricane.toml: port must be a port from 0 to 65535, not 70000",
    'startup-probe = "/a"\nliveness-probe = "/a"':
      '"/a" is the path of the startup probe (hurricane.toml, line 1: startup-probe) and of the ' +
      "liveness probe (hurricane.toml, line 2: liveness-probe): each needs its own",
    "port = 1\nport = 2":
      "hurricane.toml, line 2, column 1: this is no TOML: trying to redefine an already defined " +
      "table or value",
  };
  for (const [text, expected] of Object.entries(refused)) {
    test(`is refused: ${JSON.stringify(text)}`, async () => {
      assertEquals(await refusal(text), expected);
    });
  }

  test("shows no secret in an error", async () => {
    for (
      const text of [
        'webhook-secret = "hush\n',
        'webhook-secret = "hush"',
        'webhook-url = "ftp://ops:hush@x"',
        'webhook-url = [["hush"]]',
        "webhook-secret = { a = 'hush' }",
      ]
    ) {
      const message = await refusal(text);
      assertFalse(message.includes("hush"), message);
    }
  });

  test("that cannot be read is told of, by who names it", async () => {
    const read = (argv: string[], environment: Environment = {}) =>
      assertRejects(() => readConfig(tokenize(argv, serviceFlags), environment), UsageError);
    assertEquals(
      (await read(["--config=/nowhere.toml"])).message,
      '--config "/nowhere.toml" cannot be read: there is no such file',
    );
    assertEquals(
      (await read([], { HURRICANE_CONFIG: "/dev" })).message,
      'HURRICANE_CONFIG "/dev" cannot be read: it is a directory; give the file in it',
    );
  });
});
