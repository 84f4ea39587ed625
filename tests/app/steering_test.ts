import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse, assertGreater } from "@std/assert";
import process from "node:process";
import { choiceOf, steer } from "../../src/app/steering.ts";
import { runtime } from "../../src/runtime/mod.ts";
import type { Listener } from "../../src/runtime/runtime.ts";
import { request } from "../support/http.ts";

const linux = process.platform === "linux";
if (!linux) console.log("skipped: only Linux chooses among the sockets of a port");

/** Listeners on one port of this process, in their order; each says its number. */
async function sharing(count: number): Promise<Listener[]> {
  const listeners: Listener[] = [];
  for (let number = 0; number < count; number++) {
    const port = listeners[0]?.port ?? 0;
    const options = { hostname: "127.0.0.1", port, reusePort: true };
    listeners.push(await runtime.listen(() => new Response(String(number)), options));
  }
  return listeners;
}

/** Who answers, over so many connections that it would be a wonder if somebody were left out. */
async function answering(port: number): Promise<string[]> {
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => request(`http://127.0.0.1:${port}/`)),
  );
  return [...new Set(answers.map(({ text }) => text))].sort();
}

describe("steer", { skip: !linux }, () => {
  test("gives new connections to the sockets in those places alone, until it is taken back", async () => {
    const listeners = await sharing(4);
    const { port } = listeners[0] as Listener;
    assertEquals(await answering(port), ["0", "1", "2", "3"]);
    assert(steer(port, [1, 3]));
    assertEquals(await answering(port), ["1", "3"]);
    assert(steer(port, [2]));
    assertEquals(await answering(port), ["2"]);
    assert(steer(port, null));
    assertEquals(await answering(port), ["0", "1", "2", "3"]);
    for (const listener of listeners) await listener.stop();
  });

  test("goes by places that move as the kernel moves them", async () => {
    const [first, second, third] = await sharing(3) as [Listener, Listener, Listener];
    const { port } = second;
    await first.stop();
    // The last one has taken the place of the first.
    assert(steer(port, [0]));
    assertEquals(await answering(port), ["2"]);
    assert(steer(port, [1]));
    assertEquals(await answering(port), ["1"]);
    await second.stop();
    assertEquals(await answering(port), ["2"]);
    await third.stop();
  });

  test("cannot be done where this process does not listen", async () => {
    const [only] = await sharing(1) as [Listener];
    const { port } = only;
    await only.stop();
    assertFalse(steer(port, [0]));
  });
});

test("choiceOf makes instructions of 8 bytes, two for each place and three around them", () => {
  for (const places of [[0], [1, 2], [5, 4, 3]]) {
    const bytes = choiceOf(places);
    assertEquals(bytes.length, 8 * (3 + 2 * places.length));
    assertGreater(bytes[0] ?? 0, 0);
  }
});
