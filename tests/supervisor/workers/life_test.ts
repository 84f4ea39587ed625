import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  begin,
  causeOfDeath,
  diedUnasked,
  type Life,
  type LifeEvent,
  type LifeState,
  live,
} from "../../../src/supervisor/workers/life.ts";

const states: LifeState[] = [
  "loading",
  "listening",
  "serving",
  "retiring",
  "stopping",
  "exited",
];

/** One event of each kind, and where it leads from each state, in their order; `-` is nowhere. */
const table: [LifeEvent, string][] = [
  [{ type: "loaded" }, "listening - - - - -"],
  [{ type: "opened" }, "- serving - - - -"],
  [{ type: "replaced", why: "memory" }, "- - retiring - - -"],
  [{ type: "told", why: "retired" }, "stopping stopping stopping stopping - -"],
  [{ type: "condemned", why: "stall", detail: "is killed" }, "- - stopping stopping - -"],
  [
    { type: "ended", detail: "exited with code 3", asked: true },
    "exited exited exited exited exited -",
  ],
];

const event = fc.constantFrom(...table.map(([event]) => event));

/** A life after many events, of which those that come too late change nothing. */
function lived(events: readonly LifeEvent[]): Life {
  return events.reduce((life, event, index) => live(life, event, index) ?? life, begin(0));
}

describe("live", () => {
  for (const [event, expected] of table) {
    test(`knows where "${event.type}" leads from each state`, () => {
      const reached = states.map((state) => live({ state, since: 1 }, event, 2)?.state ?? "-");
      assertEquals(reached.join(" "), expected);
    });
  }

  test("says since when, and nothing of the life that was given changes", () => {
    const life = begin(1);
    assertEquals(life, { state: "loading", since: 1 });
    assertEquals(live(life, { type: "loaded" }, 7), { state: "listening", since: 7 });
    assertEquals(life, { state: "loading", since: 1 });
  });

  test("says why", () => {
    const serving: Life = { state: "serving", since: 0 };
    assertEquals(live(serving, { type: "replaced", why: "edit" }, 1)?.why, "edit");
    assertEquals(live(serving, { type: "told", why: "shutdown" }, 1)?.why, "shutdown");
    const stalled = live(serving, { type: "condemned", why: "stall", detail: "is killed" }, 1);
    assertEquals([stalled?.why, stalled?.detail], ["stall", "is killed"]);
  });

  const ends: Record<string, [LifeEvent[], Partial<Life>]> = {
    "by itself": [[], { why: "crash", detail: "exited with code 3" }],
    "before it served": [[], { why: "failed", detail: "exited with code 3" }],
    "while it retires": [
      [{ type: "replaced", why: "memory" }],
      { why: "crash", detail: "exited with code 3" },
    ],
    "as it was told": [
      [{ type: "told", why: "shutdown" }],
      { why: "shutdown", detail: "exited with code 3" },
    ],
    "since it stood still": [
      [{ type: "condemned", why: "stall", detail: "is killed" }],
      { why: "stall", detail: "is killed" },
    ],
    "since it was too large": [
      [{ type: "replaced", why: "edit" }, {
        type: "condemned",
        why: "memory",
        detail: "is killed",
      }],
      { why: "memory", detail: "is killed" },
    ],
  };
  for (const [how, [before, expected]] of Object.entries(ends)) {
    test(`says how it ended: ${how}`, () => {
      const end: LifeEvent = { type: "ended", detail: "exited with code 3", asked: true };
      const served: LifeEvent[] = [{ type: "loaded" }, { type: "opened" }];
      const life = lived([...how === "before it served" ? [] : served, ...before, end]);
      assertEquals({ why: life.why, detail: life.detail }, expected);
      const unasked = how !== "before it served" && how !== "as it was told";
      assertEquals(causeOfDeath(life), unasked ? expected.why : undefined);
      assertEquals(diedUnasked(life), unasked);
    });
  }

  for (const why of ["shutdown", "retired", "abandoned"] as const) {
    const lost = why !== "abandoned";
    test(`${lost ? "is a crash" : "is none"} where it dies before it hears that it is ${why}`, () => {
      const life = lived([
        ...[{ type: "loaded" }, { type: "opened" }, { type: "told", why }] satisfies LifeEvent[],
        { type: "ended", detail: "exited with code 3", asked: false },
      ]);
      assertEquals([life.why, diedUnasked(life)], lost ? ["crash", true] : [why, false]);
    });
  }

  test("never goes back, whatever comes in which order", () => {
    fc.assert(fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      let life = begin(0);
      for (const [index, one] of events.entries()) {
        const next = live(life, one, index);
        if (next === undefined) continue;
        assertEquals(states.indexOf(next.state) > states.indexOf(life.state), true);
        assertEquals(next.since, index);
        life = next;
      }
    }));
  });

  test("ends once", () => {
    fc.assert(fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      const life = lived([...events, { type: "ended", detail: "first", asked: true }]);
      assertEquals(life.state, "exited");
      assertEquals(live(life, { type: "ended", detail: "second", asked: true }, 99), undefined);
    }));
  });
});

describe("diedUnasked", () => {
  test("is about the end alone", () => {
    for (const state of states.filter((state) => state !== "exited")) {
      assertEquals(diedUnasked({ state, since: 0, why: "stall" }), false);
    }
  });
});
