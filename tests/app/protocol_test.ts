import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { readApp } from "../../src/app/protocol.ts";

const beat = { inFlight: 1, answered: 2, loopDelay: 0.5 };

describe("readApp", () => {
  test("reads what an app process says", () => {
    assertEquals(readApp("tell", "snapshot", beat), { body: beat });
    assertEquals(readApp("tell", "loaded", undefined), { body: undefined });
    assertEquals(readApp("answer", "steer", true), { body: true });
    // JSON has no `undefined`, and the body is left out.
    assertEquals(readApp("answer", "snapshot", undefined), { body: undefined });
    const probe = { method: "GET", path: "/ready", accept: null, scrapeTimeout: null };
    assertEquals(readApp("ask", "probe", probe), { body: probe });
  });

  test("knows no type that is of another kind, or of none", () => {
    for (const type of ["probe", "checks", "constructor", "__proto__", ""]) {
      assertEquals(readApp("tell", type, beat), undefined);
    }
    assertEquals(readApp("ask", "snapshot", beat), undefined);
    assertEquals(readApp("answer", "loaded", undefined), undefined);
  });

  test("says what is wrong with a message of a known type, and where", () => {
    const refused = (body: unknown, type = "snapshot"): string | undefined => {
      const reading = readApp("tell", type, body);
      return reading !== undefined && "refused" in reading ? reading.refused : undefined;
    };
    assertEquals(/ at inFlight$/.test(refused({ ...beat, inFlight: -1 }) ?? ""), true);
    assertEquals(/ at loopDelay$/.test(refused({ ...beat, loopDelay: null }) ?? ""), true);
    assertEquals(
      / at requests\.shed$/.test(
        refused({
          ...beat,
          requests: { durations: [], bodySizes: { buckets: [0, 0, 0, 0, 0, 0, 0], sum: 0 } },
        }) ?? "",
      ),
      true,
    );
    assertEquals(typeof refused(null), "string");
    const line = { time: 5, level: "warn", part: "handler", message: "m" };
    assertEquals(refused(line, "logged"), undefined);
    // No `Date` has it, and none could be shown.
    assertEquals(/ at time$/.test(refused({ ...line, time: 9e15 }, "logged") ?? ""), true);
    assertEquals(typeof refused("x", "imports"), "string");
  });
});
