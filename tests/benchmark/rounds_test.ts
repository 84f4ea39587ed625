import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { inTurn } from "../../scripts/benchmark/rounds.ts";

describe("inTurn", () => {
  test("goes to and fro, and leaves out what failed at first", async () => {
    const measured: string[] = [];
    const cell = (name: string, failing: (round: number) => boolean) => {
      let round = 0;
      return {
        name,
        measure(): Promise<number> {
          measured.push(name);
          return failing(++round)
            ? Promise.reject(new Error(`no ${name}`))
            : Promise.resolve(round);
        },
      };
    };
    const cells = [
      cell("a", () => false),
      cell("b", () => true),
      cell("c", (round) => round === 2),
    ];
    const outcomes = await inTurn("test", 3, cells, String);
    assertEquals(measured.join(" "), "a b c c a a c");
    assertEquals(outcomes.get("a"), { values: [1, 2, 3] });
    assertEquals(outcomes.get("b"), { values: [undefined], failed: "no b" });
    assertEquals(outcomes.get("c"), { values: [1, undefined, 3], failed: "no c" });
  });
});
