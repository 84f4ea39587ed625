import { describe, test } from "node:test";
import {
  assert,
  assertEquals,
  assertFalse,
  assertGreaterOrEqual,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { saying } from "../support/handlers.ts";
import { form, type Hurricane, launch, type LaunchOptions, serve } from "../support/hurricane.ts";
import { Receiver } from "../support/receiver.ts";

const handler = `
import { writeFileSync } from "node:fs";
writeFileSync("imported", "");
export default { fetch: () => new Response("hello") };
`;

/** Starts with these commands. */
function withCommands(commands: string[], { args = [], ...rest }: LaunchOptions = {}): Hurricane {
  const given = commands.flatMap((command) => ["--command", command]);
  return launch(handler, { args: [...args, ...given], ...rest });
}

/** The lines of the log that say what a command wrote. */
function output(hurricane: Hurricane): string[] {
  return hurricane.log.items.filter(({ part, line }) => part === "commands" && line !== undefined)
    .map(({ line }) => String(line));
}

describe(`commands (${form})`, () => {
  test("lose no line, however fast they write, and the failure after it is told", async () => {
    await using hurricane = withCommands(["sh -c 'seq 1 20000; exit 3'"], {});
    assertEquals((await hurricane.exited).code, 1);
    const numbers = output(hurricane);
    assertEquals([numbers.length, numbers[0], numbers.at(-1)], [20_000, "1", "20000"]);
    assert(hurricane.log.items.some(({ message }) => message.startsWith("cannot start")));
  });

  test("a script whose package is not installed has failed, and no registry is asked", async () => {
    let asked = 0;
    const registry = createServer((_, response) => {
      asked++;
      response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
    try {
      const url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`;
      await using hurricane = withCommands(["./migrate.ts"], {
        env: { BUN_CONFIG_REGISTRY: url, NPM_CONFIG_REGISTRY: url },
        files: { "migrate.ts": `import "no-such-package-anywhere";` },
      });
      assertEquals((await hurricane.exited).code, 1);
      assertMatch(output(hurricane).join("\n"), /no-such-package-anywhere/);
      assertEquals(asked, 0);
    } finally {
      registry.close();
    }
  });

  test("run one after the other, before the handler is imported, their output in the log", async () => {
    const files = {
      "migrate.ts": `import process from "node:process";
        const args: string[] = process.argv.slice(2);
        console.log("script", JSON.stringify(args));
        console.error("warning from the script");`,
      "tool": `#!/bin/sh\necho "tool $*"\n`,
    };
    await using hurricane = withCommands([
      `sh -c 'sleep 0.2; echo first'`,
      `./migrate.ts "two words" it\\'s '$HOME' ""`,
      `./tool --flag='a  b'`,
      `sh -c 'if [ -e imported ]; then echo imported; else echo not yet; fi'`,
    ], { files });
    await hurricane.serving();
    const lines = output(hurricane);
    assertEquals(lines.filter((line) => !line.startsWith("warn")), [
      "first",
      `script ["two words","it's","$HOME",""]`,
      "tool --flag=a  b",
      "not yet",
    ]);
    assert(lines.includes("warning from the script"));
    const ends = hurricane.log.items.filter((line) => line["duration_ms"] !== undefined);
    assertEquals(ends.length, 4);
    assertGreaterOrEqual(Number(ends[0]?.["duration_ms"]), 150);
    const metrics = (await hurricane.probe("/metrics")).text;
    assertEquals(metrics.match(/^hurricane_command_duration_seconds\{.*\} /gm)?.length, 4);
    assertEquals(await hurricane.stop(), 0);
  });

  test("come from the environment too: one a line, or a JSON array", async () => {
    for (const value of [`echo one\necho two`, `["echo one", "echo two"]`]) {
      await using hurricane = await serve(saying("hello"), { env: { HURRICANE_COMMAND: value } });
      assertEquals(output(hurricane), ["one", "two"]);
    }
  });

  test("have no standard input, and the environment and directory of Hurricane", async () => {
    await using hurricane = withCommands(["cat", `sh -c 'echo $GREETING; pwd'`], {
      env: { GREETING: "hello there" },
    });
    await hurricane.serving();
    assertEquals(output(hurricane), ["hello there", hurricane.dir]);
  });

  const failing: Record<string, { command: string; args?: string[]; trace: RegExp }> = {
    "exits with 3": {
      command: `sh -c 'echo working; echo broken table >&2; exit 3'`,
      trace: /\b3\b[^]*broken table/,
    },
    "is a script that throws": { command: "./throws.ts", trace: /throws\.ts[^]*no such column/ },
    "is killed": { command: `sh -c 'kill -9 $$'`, trace: /SIGKILL/ },
    "does not exist": { command: "no-such-program --now", trace: /no-such-program/ },
    "is a script that does not exist": { command: "./missing.ts", trace: /missing\.ts/ },
    "outlives --command-timeout": {
      command: `sh -c 'sleep 1000 & sleep 1000'`,
      args: ["--command-timeout", "300ms"],
      trace: /300 ?ms|0\.3 ?s/,
    },
  };
  for (const [name, { command, args = [], trace }] of Object.entries(failing)) {
    test(`a command that ${name} is a failed start; what follows does not run`, async () => {
      await using receiver = await Receiver.open();
      await using hurricane = withCommands([command, "touch second"], {
        args: ["--webhook-url", receiver.url(), ...args],
        files: { "throws.ts": `throw new Error("no such column");` },
      });
      assertEquals((await hurricane.exited).code, 1);
      assertEquals(await receiver.states(1), ["startup failed"]);
      assertMatch(receiver.attempts.items[0]?.payload["error_trace"] ?? "", trace);
      assertFalse(existsSync(join(hurricane.dir, "second")));
      assertFalse(hurricane.log.items.some(({ message }) => message.startsWith("serving on")));
    });
  }

  for (const name of ["SIGTERM", "SIGINT"] as const) {
    test(`${name} ends the running command and its children, and Hurricane`, async () => {
      await using receiver = await Receiver.open();
      const command = `sh -c 'trap "echo bye; exit" TERM; sleep 1000 &
        until grep -q ^sleep /proc/$!/cmdline; do :; done; echo ready; wait'`;
      await using hurricane = withCommands([command, "touch second"], {
        args: ["--webhook-url", receiver.url()],
      });
      await hurricane.log.until("the command", ({ line }) => line === "ready");
      assertEquals(await hurricane.stop(name), name === "SIGTERM" ? 143 : 130);
      assertStringIncludes(output(hurricane).join("\n"), "bye");
      assertFalse(existsSync(join(hurricane.dir, "second")));
    });
  }

  test("a script sees what Hurricane's runtime offers and imports from its own directory", async () => {
    await using hurricane = withCommands(["./seed.ts"], {
      files: {
        "seed.ts": `import { Hono } from "hono";
          import { text } from "./lib/text.ts";
          import { writeFileSync } from "node:fs";
          writeFileSync("seeded", text + typeof new Hono().fetch);`,
        "lib/text.ts": `export const text: string = "with ";`,
      },
      packages: ["hono"],
    });
    await hurricane.serving();
    assertEquals(readFileSync(join(hurricane.dir, "seeded"), "utf8"), "with function");
  });
});
