import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { saying } from "../support/handlers.ts";
import { Connection } from "../support/http.ts";
import { form, type Hurricane, launch, serve } from "../support/hurricane.ts";
import { eventually } from "../support/wait.ts";

/** The lines of the log from a level on. */
const above = ({ log }: Hurricane, ...levels: string[]): string[] =>
  log.items.filter(({ level }) => levels.includes(level)).map(({ message }) => message);

/** What means something to whoever wrote Hurricane or a runtime, and to nobody else. */
const internal =
  /BuildMessage|ResolveMessage|NotAHandler|WorkerError|AggregateError|ext:| at .*node:|native:|processTicks|src\/(?:app\/|start\.ts)/;

describe(`the log answers why (${form})`, () => {
  test("a pod is unready: with the reason, and how long that lasted", async () => {
    await using hurricane = await serve(
      `let broken = false;
      export const checks = { readiness: { database: () => {
        if (broken) throw new Error("connection refused");
      } } };
      export default { fetch() { broken = !broken; return new Response("ok"); } };`,
    );
    await hurricane.probeUntil("/ready", 200);
    await hurricane.get("/");
    await hurricane.probeUntil("/ready", 500);
    await hurricane.probeUntil("/ready", 500);
    await hurricane.get("/");
    await hurricane.probeUntil("/ready", 200);
    const back = await hurricane.logged(/^ready again after [\d.]+s$/);
    assertEquals(back.level, "info");
    assertEquals(above(hurricane, "warn"), [
      "not ready: database failed: Error: connection refused",
    ]);
    const line = await hurricane.logged(/^not ready/);
    assertMatch(String(line["stack"]), /handler\.ts:3/);
    assertEquals(internal.test(String(line["stack"])), false, String(line["stack"]));
  });

  test("requests wait for seconds: the event loop stands still, and it turns again", async () => {
    await using hurricane = await serve(`
      export default {
        fetch() {
          const end = performance.now() + 2500;
          while (performance.now() < end);
          return new Response("done");
        },
      };`);
    await hurricane.get("/");
    const { level } = await hurricane.logged(
      /^the handler's event loop stands still, so far for [\d.]+s, and nobody is answered: the handler computes/,
    );
    assertEquals(level, "warn");
    await hurricane.logged(/^the handler's event loop turns again, after [\d.]+s$/);
  });

  test("requests wait for seconds: the event loop waits synchronously", async () => {
    await using hurricane = await serve(`
      import { execFileSync } from "node:child_process";
      export default { fetch: () => new Response(execFileSync("sleep", ["2.5"])) };`);
    await hurricane.get("/");
    await hurricane.logged(
      /^the handler's event loop stands still, .*: the handler waits for some/,
    );
  });

  test("clients get 503: what refuses them", async () => {
    await using hurricane = await serve(
      `import { existsSync } from "node:fs";
      export default {
        async fetch() {
          console.log("holding");
          while (!existsSync("release")) await new Promise((resolve) => setTimeout(resolve, 20));
          return new Response("held");
        },
      };`,
      { args: ["--max-inflight", "1", "--no-metrics"] },
    );
    const held = hurricane.get("/");
    held.catch(() => {});
    await hurricane.printed("holding");
    assertEquals((await hurricane.get("/")).status, 503);
    const { level } = await hurricane.logged(
      /^requests are refused with 503: 1 are in the handler, the most that --max-inflight lets in$/,
    );
    assertEquals(level, "warn");
    writeFileSync(join(hurricane.dir, "release"), "");
    await held;
  });

  test("a pod is unready under load: the handler has more to do than it can", async () => {
    await using hurricane = await serve(
      `export default {
        async fetch() {
          for (;;) {
            const end = performance.now() + 5;
            while (performance.now() < end);
            await new Promise((resolve) => setTimeout(resolve, 0));
          }
        },
      };`,
      { args: ["--req-queue-len", "1", "--shutdown-timeout", "100ms"] },
    );
    const clients = await Promise.all([1, 2, 3].map(() => Connection.open(hurricane.url())));
    for (const client of clients) client.send("/");
    const busy = /^request queue length \d exceeds --req-queue-len 1, and the handler is busy/;
    await eventually("a warning", async () => {
      await hurricane.probe("/ready");
      return hurricane.log.items.some(({ message }) => busy.test(message));
    });
    for (const client of clients) client.close();
  });

  const hanging: Record<string, { source: string; args?: string[]; says: RegExp }> = {
    "an import": {
      source: `await new Promise(() => setInterval(() => {}, 1000));
        export default { fetch: () => new Response("") };`,
      says: /^the handler has not begun to listen after [\d.]+s: its import has not ended$/,
    },
    "an import that stands still": {
      source: `for (;;);`,
      says: /^the handler has not begun to listen after [\d.]+s: its import has not ended$/,
    },
    "a module that opens no server": {
      source: `setInterval(() => {}, 1000);`,
      says:
        /^the handler has not begun to listen after [\d.]+s: .*handler\.ts is imported and has opened no server yet$/,
    },
    "a command": {
      source: saying("hello"),
      args: ["--command", "sleep 1000"],
      says: /^\[sleep\] still running after [\d.]+s$/,
    },
  };
  for (const [name, { source, args = [], says }] of Object.entries(hanging)) {
    test(`${name} hangs`, async () => {
      await using hurricane = launch(source, { args });
      await hurricane.logged(says);
      assertEquals(hurricane.log.items.filter(({ message }) => says.test(message)).length, 1);
    });
  }

  const failing: Record<string, { source: string; files?: Record<string, string>; error: RegExp }> =
    {
      "a syntax error": {
        source: `export default { fetch( { ;`,
        error: /^cannot start: SyntaxError: \S/,
      },
      "an import that leads nowhere": {
        source: `import "./missing.ts";`,
        error: /^cannot start: .*missing\.ts/,
      },
      "a throw": {
        source: `throw new Error("no database");`,
        error: /^cannot start: Error: no database$/,
      },
      "an error that nobody catches": {
        source: `setTimeout(() => { throw new Error("no database"); }, 1);
          await new Promise((resolve) => setTimeout(resolve, 20_000));
          export default { fetch: () => new Response("") };`,
        error: /^cannot start: Error: no database$/,
      },
      "no handler": {
        source: `export const a = 1;`,
        error: /^cannot start: \S+handler\.ts has no handler: it exports a, /,
      },
      "a check that is none": {
        source: `export default () => new Response("");
          export const checks = { readiness: { database: 5 } };`,
        error: /^cannot start: checks\.readiness\.database is number, not a function$/,
      },
      "an exit": {
        source: `import process from "node:process"; process.exit(3);`,
        error: /^cannot start: the handler's process exited with code 3 before it listened$/,
      },
    };
  for (const [name, { source, error }] of Object.entries(failing)) {
    test(`it does not start, in one line: ${name}`, async () => {
      await using hurricane = launch(source);
      assertEquals((await hurricane.exited).code, 1);
      const [line, ...more] = hurricane.log.items.filter(({ level }) => level !== "info");
      assertMatch(line?.message ?? "", error);
      assertEquals([more, hurricane.stderr.items.length], [[], hurricane.log.items.length]);
      assertEquals(internal.test(JSON.stringify(line)), false, JSON.stringify(line));
      assertEquals(hurricane.log.items.at(-1), line);
    });
    test(`it does not start, on a terminal once: ${name}`, async () => {
      await using hurricane = launch(source, { args: ["--log-format=pretty"] });
      assertEquals((await hurricane.exited).code, 1);
      const text = hurricane.stderr.items.join("\n");
      assertMatch(text, /^[\d:]{8} ERROR cannot start: /m);
      assertEquals(internal.test(text), false, text);
      const said = text.split("\n").map((line) => line.trim())
        .filter((line) => /^at |no database$|^SyntaxError/.test(line));
      assertEquals(new Set(said).size, said.length, text);
    });
  }

  test("it drains, in one line", async () => {
    await using hurricane = await serve(saying("hello"), { args: ["--shutdown-delay=0s"] });
    assertEquals(await hurricane.stop(), 0);
    assertEquals(above(hurricane, "info").slice(-2), ["draining", "stopped"]);
  });

  test("nothing begins: what is used wrongly is a line in the log's form", async () => {
    const wrong = { args: ["--port", "seventy"] };
    await using json = launch(saying("hello"), wrong);
    assertEquals((await json.exited).code, 2);
    const [line, ...more] = json.log.items;
    assertEquals([line?.level, more, json.stderr.items.length], ["error", [], 1]);
    assertStringIncludes(line?.message ?? "", "--port must be a port");
    await using pretty = launch(saying("hello"), { args: [...wrong.args, "--log-format=pretty"] });
    assertEquals((await pretty.exited).code, 2);
    assertMatch(pretty.stderr.items.join("\n"), /^hurricane: --port must be a port.*$/);
    await using variable = launch(saying("hello"), {
      ...wrong,
      env: { HURRICANE_LOG_FORMAT: "pretty" },
    });
    assertEquals((await variable.exited).code, 2);
    assertMatch(variable.stderr.items.join("\n"), /^hurricane: /);
  });

  test("an edit has an effect: --watch says what it watches", async () => {
    await using hurricane = await serve(
      `import { text } from "./text.ts"; export default { fetch: () => new Response(text) };`,
      { args: ["--watch"], files: { "text.ts": `export const text = "hello";` } },
    );
    await hurricane.logged(/^watching handler\.ts and 1 more for edits$/);
  });

  test("times are local where a person reads them", async () => {
    await using hurricane = launch(saying("hello"), {
      args: ["--log-format=pretty"],
      env: { TZ: "Etc/GMT-13" },
    });
    const before = new Date();
    const line = await hurricane.stderr.until("a line", (line) => line.includes("serving on"));
    const [hour] = line.split(":");
    const hours = [before, new Date()].map((time) => (time.getUTCHours() + 13) % 24);
    assertEquals(hours.includes(Number(hour)), true, line);
    assertMatch(line, /^[\d:]{8} serving on /);
  });
});
