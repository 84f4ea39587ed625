/**
 * An option that is read from the command line and then forgotten would pass every test of the table.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { assertEquals, assertGreater } from "@std/assert";
import { serveFlags } from "../../src/options/serve_table.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** All modules of some folders, as one text. */
function textOf(...folders: string[]): string {
  const found = execFileSync("find", [...folders, "-name", "*.ts", "-o", "-name", "*.tsx"], {
    cwd: root,
    encoding: "utf8",
  });
  return found.trim().split("\n").map((path) => readFileSync(join(root, path), "utf8")).join("\n");
}

const keys = [...new Set(serveFlags.map(({ option }) => option.key))];

test("each option of serve is read by what serves, and not only by what reads options", () => {
  const folders = [
    "amqp",
    "app",
    "commands",
    "metrics",
    "probes",
    "status",
    "supervisor",
    "webhooks",
  ];
  const code = textOf(
    ...folders.map((name) => `src/${name}`),
    "src/cli/run_service.ts",
    "src/log.ts",
  )
    .replace(/\/\*[^]*?\*\/|^ *\/\/.*$/gm, "").replace(/"[^"\n]*"/g, '""');
  const unread = keys.filter((key) => !new RegExp(`[.{,]\\s*${key}\\b(?!\\s*\\?:)`).test(code));
  assertGreater(keys.length, 40);
  assertEquals(unread, []);
});

test("each option of serve is given to the program in a test from outside", () => {
  const tests = textOf("tests/e2e", "tests/faults", "tests/support");
  const given = serveFlags
    .filter(({ flag, variable }) => new RegExp(`(?:${flag}|${variable})(?![\\w-])`).test(tests))
    .map(({ option }) => option.key);
  assertEquals(keys.filter((key) => !given.includes(key)), []);
});
