import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Connection } from "../support/http.ts";
import { form, serve } from "../support/hurricane.ts";

const handler = `
import { existsSync } from "node:fs";

export default { fetch: () => new Response("hello") };
export const checks = {
  readiness: {
    database() {
      if (existsSync("down")) throw new Error("no connection to db");
    },
    async cache(signal: AbortSignal) {
      console.log("checking cache");
      while (existsSync("hang")) {
        if (signal.aborted) console.log("aborted");
        signal.throwIfAborted();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  },
  liveness: {
    async bus() {
      if (existsSync("dead")) throw new TypeError("bus is dead");
    },
  },
};
`;

const json = { headers: { accept: "application/json" } };

describe(`checks (${form})`, () => {
  test("that pass are listed with their duration", async () => {
    await using hurricane = await serve(handler);
    const { status, text } = await hurricane.probe("/ready", json);
    assertEquals(status, 200);
    const { checks } = JSON.parse(text) as {
      checks: { name: string; status: string; duration_ms: number }[];
    };
    assertEquals(checks.map(({ name, status }) => `${name} ${status}`), [
      "database succeeded",
      "cache succeeded",
    ]);
    assert(checks.every(({ duration_ms }) => duration_ms >= 0));
    const alive = JSON.parse((await hurricane.probe("/alive", json)).text);
    assertEquals(alive.checks.map((check: { name: string }) => check.name), ["bus"]);
  });

  for (
    const [file, path, name, message] of [
      ["down", "/ready", "database", "no connection to db"],
      ["dead", "/alive", "bus", "bus is dead"],
    ] as const
  ) {
    test(`that throw fail ${path} with their name and message, and no stack`, async () => {
      await using hurricane = await serve(handler);
      assertEquals((await hurricane.probe(path)).status, 200);
      writeFileSync(join(hurricane.dir, file), "");
      const { status, text } = await hurricane.probe(path);
      assertEquals(status, 500);
      assertStringIncludes(text, name);
      assertStringIncludes(text, message);
      const answer = await hurricane.probe(path, json);
      const failed = JSON.parse(answer.text).checks.filter(
        (check: { status: string }) => check.status === "failed",
      );
      assertEquals(failed.length, 1);
      assertEquals(failed[0].name, name);
      assertStringIncludes(failed[0].message, message);
      for (const leak of [text, answer.text]) {
        assertFalse(/handler\.ts|\bat .*:\d+/.test(leak), leak);
      }
      // The other probe does not care.
      const other = path === "/ready" ? "/alive" : "/ready";
      assertEquals((await hurricane.probe(other)).status, 200);
      rmSync(join(hurricane.dir, file));
      assertEquals((await hurricane.probe(path)).status, 200);
    });
  }

  test("that outlive --check-timeout fail, and their signal says so", async () => {
    await using hurricane = await serve(handler, { args: ["--check-timeout", "200ms"] });
    writeFileSync(join(hurricane.dir, "hang"), "");
    const { status, text } = await hurricane.probe("/ready");
    assertEquals(status, 500);
    assertStringIncludes(text, "cache");
    assertMatch(text, /200 ?ms|0\.2 ?s/);
    await hurricane.printed("aborted");
    rmSync(join(hurricane.dir, "hang"));
    await hurricane.probeUntil("/ready", 200);
  });

  test("run once for concurrent probes", async () => {
    await using hurricane = await serve(handler, { args: ["--check-timeout", "30s"] });
    writeFileSync(join(hurricane.dir, "hang"), "");
    const probes = [];
    for (let opened = 0; opened < 6; opened++) {
      const probe = await Connection.open(hurricane.probeUrl("/"));
      probe.send("/ready");
      probes.push(probe);
    }
    await hurricane.printed("checking cache");
    // When this one is answered, those that were sent before it have been read. Nor does a probe
    // of another kind wait behind them.
    assertEquals((await hurricane.probe("/alive")).status, 200);
    rmSync(join(hurricane.dir, "hang"));
    for (const probe of probes) {
      assertEquals((await probe.answer()).status, 200);
      probe.close();
    }
    await hurricane.stop();
    assertEquals(hurricane.stdout.items, ["checking cache"]);
  });
});
