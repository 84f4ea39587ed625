import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { type GivingUp, PendingRequest, PendingRequests } from "../../src/app/pending_requests.ts";
import { eventually, pause } from "../support/wait.ts";

const now = () => performance.now();

/** Some requests, by the letters of their paths, and how each was given up. */
class Pending {
  readonly requests: PendingRequests;
  readonly ends: string[] = [];
  /** Of which the runtime has heard that they are waited for. */
  readonly waited: string[] = [];
  readonly #all = new Map<string, { one: PendingRequest; client: AbortController }>();

  constructor(timeout?: number) {
    const waits = ({ url }: Request): void => void this.waited.push(new URL(url).pathname.slice(1));
    this.requests = new PendingRequests({ now, timeout, waits });
  }

  add(names: string): void {
    const end = (how: string) => ({ request }: PendingRequest): void => {
      this.ends.push(`${new URL(request.url).pathname.slice(1)} ${how}`);
    };
    const givingUp: GivingUp = { left: end("left"), timedOut: end("timed out") };
    for (const name of names) {
      const client = new AbortController();
      const request = new Request(`http://handler/${name}`, { signal: client.signal });
      const one = new PendingRequest(
        request,
        "GET",
        undefined,
        undefined,
        now(),
        givingUp,
        undefined,
      );
      this.#all.set(name, { one, client });
      this.requests.add(one);
    }
  }

  answer(names: string): void {
    for (const name of names) this.requests.end(this.#all.get(name)!.one);
  }

  leave(names: string): void {
    for (const name of names) this.#all.get(name)!.client.abort();
  }
}

function permutations(letters: string): string[] {
  if (letters.length < 2) return [letters];
  return [...letters].flatMap((first) =>
    permutations(letters.replace(first, "")).map((rest) => first + rest)
  );
}

describe("of pending requests", () => {
  test("those whose client leaves are given up, whichever were answered, in any order", async () => {
    const cases = permutations("abcd").flatMap((order) =>
      [0, 1, 2, 3, 4].map((count) => [order.slice(0, count), order.slice(count)] as const)
    );
    await Promise.all(cases.map(async ([answered, left]) => {
      const pending = new Pending();
      pending.add("abcd");
      pending.answer(answered);
      pending.leave(left);
      const expected = [...left].sort().map((name) => `${name} left`);
      await eventually(`${left} to be given up`, () => pending.ends.length >= left.length);
      assertEquals(pending.ends.toSorted(), expected);
      pending.add("e");
      // Once more: that does nothing.
      pending.answer("abcd");
      pending.leave("e");
      await eventually("the next one", () => pending.ends.length > left.length);
      assertEquals(pending.ends.at(-1), "e left");
    }));
  });

  test("those that stay are heard of when they leave later", async () => {
    const pending = new Pending();
    pending.add("ab");
    pending.leave("a");
    await eventually("the first", () => pending.ends.length === 1);
    pending.leave("b");
    await eventually("the second", () => pending.ends.length === 2);
    assertEquals(pending.ends, ["a left", "b left"]);
  });

  test("all time out, those that came later as well, and those that are answered do not", async () => {
    const pending = new Pending(50);
    pending.add("abc");
    await pause(20);
    pending.add("de");
    pending.answer("bd");
    await eventually("the rest", () => pending.ends.length >= 3);
    assertEquals(pending.ends, ["a timed out", "c timed out", "e timed out"]);
  });

  test("those time out as well that have been looked at for their client", async () => {
    const pending = new Pending(250);
    pending.add("a");
    await eventually("its time to be over", () => pending.ends.length === 1);
    assertEquals(pending.ends, ["a timed out"]);
  });

  test("none is given up once they are closed, those that were watched neither", async () => {
    const pending = new Pending();
    pending.add("ab");
    pending.leave("b");
    await eventually("both to be watched", () => pending.ends.length === 1);
    pending.requests.close();
    pending.leave("a");
    assertEquals(pending.ends, ["b left"]);
  });

  test("none times out once they are closed", async () => {
    const pending = new Pending(20);
    const open = new Pending(60);
    open.add("x");
    pending.add("a");
    pending.requests.close();
    pending.add("b");
    pending.leave("a");
    await eventually("another to time out", () => open.ends.length === 1);
    assertEquals(pending.ends, []);
  });

  test("the runtime hears of those alone that take their time", async () => {
    const pending = new Pending();
    pending.add("abc");
    pending.answer("b");
    await eventually("those that have no answer are waited for", () => pending.waited.length > 1);
    assertEquals(pending.waited, ["a", "c"]);
  });
});
