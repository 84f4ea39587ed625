import { describe, test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Feed } from "../../src/status/feed.ts";
import { mostViewers } from "../../src/status/viewers.ts";
import { modelOf } from "./model.ts";

type Sections = Record<string, string>;

/** Somebody who reads an event stream, one event at a time. */
function reader(response: Response) {
  const stream = response.body!.getReader();
  return {
    async next(): Promise<Sections | undefined> {
      const { value } = await stream.read();
      if (value === undefined) return undefined;
      const text = new TextDecoder().decode(value);
      const [, data = ""] = /^retry: 1000\ndata: (.*)\n\n$/.exec(text) ?? [];
      return JSON.parse(data) as Sections;
    },
    leave: () => stream.cancel(),
  };
}

/** A feed, what it shows, and how often it has looked at that. */
function feed() {
  const shown = { detail: "first", models: 0 };
  const made = new Feed(() => {
    shown.models++;
    return { ...modelOf("x"), detail: shown.detail };
  });
  return { feed: made, shown };
}

/** Lets what was enqueued get to who reads. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

describe("the feed", () => {
  test("begins with everything, and goes on with what has changed", async () => {
    const { feed: made, shown } = feed();
    const viewer = reader(made.welcome());
    const first = await viewer.next();
    assertEquals(Object.keys(first ?? {}).length, 11);
    made.send();
    await viewer.next();
    made.send();
    assertEquals(await viewer.next(), {});
    shown.detail = "second";
    made.send();
    const changed = await viewer.next();
    assertEquals(Object.keys(changed ?? {}), ["state"]);
    assert(changed?.["state"]?.includes("second"));
  });

  test("renders once, however many look, and not at all where nobody does", async () => {
    const { feed: made, shown } = feed();
    made.send();
    assertEquals(shown.models, 0);
    const viewers = Array.from({ length: mostViewers }, () => reader(made.welcome()));
    await Promise.all(viewers.map((viewer) => viewer.next()));
    const before = shown.models;
    made.send();
    await Promise.all(viewers.map((viewer) => viewer.next()));
    assertEquals(shown.models - before, 1);
    await Promise.all(viewers.map((viewer) => viewer.leave()));
    made.send();
    assertEquals([shown.models - before, made.viewers.count], [1, 0]);
  });

  test("has no more than so many, until one leaves", async () => {
    const { feed: made } = feed();
    const viewers = Array.from({ length: mostViewers }, () => reader(made.welcome()));
    const refused = made.welcome();
    assertEquals([refused.status, await refused.text()], [
      503,
      "100 pages are open already: close one\n",
    ]);
    await viewers[0]?.leave();
    assertEquals(made.welcome().status, 200);
  });

  test("owes one that does not read a single event, which has everything", async () => {
    const { feed: made, shown } = feed();
    const viewer = reader(made.welcome());
    for (const detail of ["a", "b", "c"]) {
      shown.detail = detail;
      made.send();
    }
    assert((await viewer.next())?.["state"]?.includes("first"));
    await turn();
    made.send();
    const next = await viewer.next();
    assertEquals(Object.keys(next ?? {}).length, 11);
    assert(next?.["state"]?.includes("c"));
  });

  test("sends one away that goes on not reading", async () => {
    const { feed: made } = feed();
    const response = made.welcome();
    const other = reader(made.welcome());
    await other.next();
    for (let sent = 0; sent < 40; sent++) {
      made.send();
      await other.next();
    }
    assertEquals(made.viewers.count, 1);
    await assertRejects(() => response.text());
  });

  test("ends with the last there is to say", async () => {
    const { feed: made, shown } = feed();
    const viewer = reader(made.welcome());
    await viewer.next();
    shown.detail = "over";
    made.close();
    assert((await viewer.next())?.["state"]?.includes("over"));
    assertEquals(await viewer.next(), undefined);
    assertEquals(made.viewers.count, 0);
  });
});
