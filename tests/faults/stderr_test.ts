/**
 * A reader of standard error that stalls, as a log collector that is out of memory or disk does.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { Fifo } from "../support/fifo.ts";
import { form, type Hurricane, launch } from "../support/hurricane.ts";
import { eventually } from "../support/wait.ts";

const handler = `export default { fetch(request) {
  const { pathname } = new URL(request.url);
  if (pathname === "/throw") throw new Error("thrown on purpose");
  if (pathname === "/print") for (;;) console.error("x".repeat(10_000));
  return new Response("here");
} };`;

/** Serves with standard error in a pipe, which is read until it serves, and then no more. */
async function serveUnread(fifo: Fifo, args: string[]): Promise<Hurricane> {
  const hurricane = launch(handler, { name: "handler.js", args, under: fifo.under });
  await fifo.until("serving", /"serving on /, (line) => take(hurricane, line));
  await hurricane.serving();
  return hurricane;
}

/** Notes a line of the log. What a handler was killed over printing may stand before it. */
function take(hurricane: Hurricane, line: string): void {
  const start = line.indexOf('{"time":');
  if (start >= 0) hurricane.log.push(JSON.parse(line.slice(start)));
}

describe(`a reader of standard error that stalls (${form})`, () => {
  const rows: Record<string, { args: string[]; path: string; status: number; line: RegExp }> = {
    "does not hold up a handler whose access is logged": {
      args: ["--access-log"],
      path: "/here",
      status: 200,
      line: /^GET \/here 200$/,
    },
    "does not hold up a handler whose errors are logged": {
      args: [],
      path: "/throw",
      status: 500,
      line: /^GET \/throw failed: Error: thrown on purpose$/,
    },
  };
  for (const [what, { args, path, status, line }] of Object.entries(rows)) {
    test(`${what}, and gets all of it in the end`, async () => {
      using fifo = new Fifo();
      await using hurricane = await serveUnread(fifo, [...args, "--stall-timeout=2s"]);
      // More than a pipe holds: 64 KB.
      const count = 800;
      for (let number = 0; number < count; number++) {
        assertEquals((await hurricane.get(path)).status, status);
      }
      const [pid] = hurricane.children();
      assertEquals((await hurricane.probe("/ready")).status, 200);
      const logged = () => hurricane.log.items.filter(({ message }) => line.test(message)).length;
      await eventually("all lines", () => {
        fifo.lines().forEach((text) => take(hurricane, text));
        return logged() === count;
      });
      assertEquals(hurricane.children()[0], pid);
      // What was logged last is there when it has ended, too.
      assertEquals((await hurricane.get(path)).status, status);
      assertEquals(await hurricane.stop(), 0);
      fifo.lines().forEach((text) => take(hurricane, text));
      assertEquals(logged(), count + 1);
    });
  }

  test("does not keep a process from stopping", async () => {
    using fifo = new Fifo();
    await using hurricane = await serveUnread(fifo, ["--access-log"]);
    for (let number = 0; number < 800; number++) await hurricane.get("/");
    assertEquals(await hurricane.stop(), 0);
  });

  test("holds up a handler that prints by itself, and the log says why it was killed", async () => {
    using fifo = new Fifo();
    await using hurricane = await serveUnread(fifo, ["--stall-timeout=1s"]);
    const before = hurricane.children();
    hurricane.get("/print").catch(() => {});
    await eventually("another process", () => {
      const now = hurricane.children();
      return now.length > 0 && now.every((pid) => !before.includes(pid));
    });
    const why = /is killed: .*: it is blocked writing to standard error, which nobody reads$/;
    await fifo.until("the reason", /is killed: .*blocked writing/, (line) => take(hurricane, line));
    assert(hurricane.log.items.some(({ message }) => why.test(message)));
    await hurricane.probeUntil("/ready", 200);
    assertEquals((await hurricane.get("/")).text, "here");
    const stopped = hurricane.stop();
    await fifo.until("its end", /"stopped"/, (line) => take(hurricane, line));
    await stopped;
  });
});
