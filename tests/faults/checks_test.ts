/**
 * Checks that hang, say too much, or return what no JSON can hold.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { form, type Hurricane, serve } from "../support/hurricane.ts";

const json = { headers: { accept: "application/json" } };

interface Row {
  /** The body of the check; `call` counts from 1. */
  check: string;
  /** The time limit of a run. */
  timeout?: string;
  asks(hurricane: Hurricane): Promise<void>;
}

interface Shown {
  message: string;
  checks: { name: string; message?: string; details?: Record<string, unknown> }[];
}

/** The JSON answer of readiness, its status, and how long it is. */
async function ready(hurricane: Hurricane): Promise<{ status: number; size: number } & Shown> {
  const { status, text } = await hurricane.probe("/ready", json);
  return { ...JSON.parse(text) as Shown, status, size: text.length };
}

const rows: Record<string, Row> = {
  "a call that never settles fails the probe that made it, and no other": {
    check: "if (call === 1) return new Promise(() => {});",
    timeout: "50ms",
    async asks(hurricane) {
      assertEquals((await ready(hurricane)).status, 500);
      for (let times = 0; times < 3; times++) {
        const { status, text } = await hurricane.probe("/ready");
        assertEquals([status, text], [200, "ready, request queue length 0 of 100\n"]);
      }
    },
  },
  "calls that never settle are counted, and readiness comes back when one does": {
    check: "if (call <= 12) return new Promise(() => {});",
    timeout: "50ms",
    async asks(hurricane) {
      assertMatch((await ready(hurricane)).message, /no result within 50ms$/);
      assertMatch((await ready(hurricane)).message, /; 2 calls of it are still running$/);
      await hurricane.probeUntil("/ready", 200);
    },
  },
  "an error of 20 MB is cut, and says so": {
    check: `throw new Error("🌊".repeat(5 * 2 ** 20));`,
    async asks(hurricane) {
      const { status, size, message, checks: [check] } = await ready(hurricane);
      assertEquals(status, 500);
      assertLess(size, 20_000);
      for (const text of [message, check?.message]) {
        assertMatch(String(text), /Error: (🌊)+… \(209\d+ more bytes\)$/u);
      }
    },
  },
  "what it returns is shown, if it is an object": {
    check: `const a = { pool: { idle: 3n, self: null }, made: new Date(0) };
      a.pool.self = a;
      return a;`,
    async asks(hurricane) {
      const { status, checks } = await ready(hurricane);
      assertEquals(status, 200);
      assertEquals(checks[0]?.details, {
        pool: { idle: "3", self: "… (circular)" },
        made: "1970-01-01T00:00:00.000Z",
      });
    },
  },
  "an object that throws, or is endless, costs no more than its room": {
    check: `return {
        get a() { throw new Error("no a"); },
        b: { toJSON() { throw new Error("no b"); } },
        c: long,
      };`,
    async asks(hurricane) {
      const { status, size, checks: [check] } = await ready(hurricane);
      assertEquals(status, 200);
      assertLess(size, 10_000);
      assertMatch(String(check?.details?.["a"]), /no a/);
      assertMatch(String(check?.details?.["b"]), /no b/);
      assertMatch(JSON.stringify(check?.details?.["c"]), /more\)"\]$/);
    },
  },
};

describe(`checks (${form})`, () => {
  for (const [what, { check, timeout = "20s", asks }] of Object.entries(rows)) {
    test(what, async () => {
      await using hurricane = await serve(
        `const long = new Array(1e6).fill("x".repeat(100));
        let call = 0;
        export const checks = { readiness: { db() { call++; ${check} } } };
        export default { fetch: () => new Response("x") };`,
        { args: [`--check-timeout=${timeout}`], name: "handler.js" },
      );
      await asks(hurricane);
      assertEquals(await hurricane.stop(), 0);
    });
  }

  test("what one worker's check says counts while the other one stands still", async () => {
    await using hurricane = await serve(
      `import { existsSync } from "node:fs";
      export const checks = { readiness: { db() {
        if (existsSync("down")) throw new Error("no db");
      } } };
      export default { fetch({ url }) {
        if (url.endsWith("/block")) {
          console.log("blocks");
          for (const end = Date.now() + 60_000; Date.now() < end;);
        }
        return new Response("x");
      } };`,
      { args: ["--workers=2", "--stall-timeout=1h"], name: "handler.js" },
    );
    assertEquals((await ready(hurricane)).checks.length, 2);
    hurricane.get("/block").catch(() => {});
    await hurricane.printed("blocks");
    writeFileSync(join(hurricane.dir, "down"), "");
    await hurricane.probeUntil("/ready", 500);
    assertMatch((await ready(hurricane)).message, /^db failed: Error: no db$/);
    assertEquals((await hurricane.probe("/alive")).status, 200);
  });
});
