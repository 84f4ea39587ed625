/**
 * What is said of a handler once, however many processes run it.
 */
import { join } from "node:path";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { freePort } from "../support/free_port.ts";
import { form, type Hurricane, serve } from "../support/hurricane.ts";
import { eventually } from "../support/wait.ts";

const exported = `export default { port: 1, hostname: "192.0.2.1",
  fetch: () => new Response(String(process.pid)) };`;

const other = await freePort();
const adopted = `import { createServer } from "node:http";
  createServer((_, res) => res.end(String(process.pid))).listen(3456);
  createServer((_, res) => res.end("other")).listen(${other}, "127.0.0.1");`;

const handlers: Record<string, { source: string; said: RegExp; remarks: string[] }> = {
  "an exported handler": {
    source: exported,
    said: /gives way/,
    remarks: [
      "the handler's hostname 192.0.2.1 gives way to --host",
      "the handler's port 1 gives way to --port",
    ],
  },
  "a server of its own": {
    source: adopted,
    said: /is adopted|also opens/,
    remarks: [
      `the handler also opens http.Server on port ${other} of 127.0.0.1, which is left as it is (--adopt-port chooses another one)`,
      "the handler's http.Server is adopted; port 3456 gives way to --port 0",
    ],
  },
};

function said(hurricane: Hurricane, message: RegExp): string[] {
  return hurricane.log.items.map((line) => line.message).filter((line) => message.test(line))
    .toSorted();
}

describe(`what is said of a handler (${form})`, () => {
  for (const [kind, { source, said: pattern, remarks }] of Object.entries(handlers)) {
    test(`${kind}: is said once for all its workers, and not again of those that follow`, async () => {
      await using hurricane = await serve(source, { args: ["--workers=3"] });
      await hurricane.logged(/^serving on /);
      assertEquals(said(hurricane, pattern), remarks);
      hurricane.signal("SIGHUP");
      await hurricane.logged(/^all processes of the handler are replaced$/);
      assertEquals(said(hurricane, pattern), remarks);
      const [line] = hurricane.log.items.filter(({ message }) => message === remarks.at(-1));
      assertEquals(line?.["part"], "handler");
      assertEquals(await hurricane.stop(), 0);
    });
  }

  test("with --watch, is said again where an edit has changed it", async () => {
    await using hurricane = await serve(exported, { args: ["--watch"], name: "handler.ts" });
    const edit = async (from: string, to: string, times: number): Promise<void> => {
      const file = join(hurricane.dir, "handler.ts");
      writeFileSync(file, readFileSync(file, "utf8").replace(from, to));
      await eventually(`reload ${times}`, () => said(hurricane, /^reloaded /).length === times);
    };
    await edit("String(process.pid)", `"edited"`, 1);
    assertEquals(said(hurricane, /gives way to --port/).length, 1);
    await edit("port: 1", "port: 2", 2);
    assertEquals(said(hurricane, /gives way to --port/), [
      "the handler's port 1 gives way to --port",
      "the handler's port 2 gives way to --port",
    ]);
  });
});
