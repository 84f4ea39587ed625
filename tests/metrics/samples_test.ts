import { describe, test } from "node:test";
import { assertEquals, assertGreater } from "@std/assert";
import fc from "fast-check";
import { combine } from "../../src/metrics/family.ts";
import { Samples } from "../../src/metrics/samples.ts";
import { lookups } from "./lookups.ts";

/** Series as a process gives them: mostly the same ones in the same order, sometimes one twice. */
const series = fc.array(fc.integer({ min: 0, max: 12 }).map((n) => `a{n="${n}"}`), {
  maxLength: 20,
});

function filled(names: readonly string[], before?: Samples): Samples {
  const samples = new Samples(before);
  names.forEach((name, index) => samples.add(name, index + 1, combine.sum));
  return samples;
}

/** What a map makes of it. */
function sums(names: readonly string[]): [string, number][] {
  const found = new Map<string, number>();
  names.forEach((name, index) => found.set(name, (found.get(name) ?? 0) + index + 1));
  return [...found];
}

describe("the values of series", () => {
  test("are the same, whatever came before", () => {
    fc.assert(fc.property(fc.array(series, { minLength: 1, maxLength: 5 }), (scrapes) => {
      let before: Samples | undefined;
      for (const names of scrapes) {
        const samples = filled(names, before);
        assertEquals([...samples], sums(names));
        assertEquals(samples.size, new Set(names).size);
        for (const [name, value] of sums(names)) assertEquals(samples.get(name), value);
        before = samples;
      }
    }));
  });

  test("that were there before are not there again by themselves", () => {
    const before = filled(["a", "b", "c"]);
    const samples = filled(["a"], before);
    assertEquals([samples.get("b"), samples.get("c")], [undefined, undefined]);
    samples.add("c", 7, combine.sum);
    assertEquals([...samples], [["a", 1], ["c", 7]]);
    assertEquals([...before], [["a", 1], ["b", 2], ["c", 3]]);
  });

  test("are found without a look into the index, where they come as before", async () => {
    const names = Array.from({ length: 100 }, (_, n) => `a{n="${n}"}`);
    const before = filled(names);
    let again = new Samples();
    assertEquals(await lookups("a", () => again = filled(names, before)), 0);
    // And once more, as another process adds its own to them, but for the first that comes.
    assertEquals(
      await lookups("a", () => names.forEach((name) => again.add(name, 1, combine.sum))),
      0,
    );
    assertEquals(await lookups("a", () => names.forEach((name) => again.get(name))) <= 1, true);
    assertEquals(again.get('a{n="99"}'), 101);
  });

  test("are kept no longer than what comes as before is most of them", async () => {
    const names = Array.from({ length: 100 }, (_, n) => `a{n="${n}"}`);
    const all = filled(names);
    const few = names.slice(0, 20);
    const left = filled(few, all);
    // They are noted anew, in an index of their own, which the next ones have in common.
    let anew = new Samples();
    assertGreater(await lookups("a", () => anew = filled(few, left)), 0);
    assertEquals(await lookups("a", () => filled(few, anew)), 0);
    const most = filled(names.slice(0, 60), all);
    assertEquals(await lookups("a", () => filled(names.slice(0, 60), most)), 0);
  });
});
