import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Channel, overlong } from "../../../src/app/channel.ts";
import { type AppEnd, readApp, type SupervisorEnd } from "../../../src/app/protocol.ts";
import { longestMessage, MessageLines } from "../../../src/supervisor/process/message_lines.ts";

/** The way from a process that sends these bytes in these pieces, and then ends. */
function from(pieces: Iterable<Uint8Array | string>): MessageLines {
  const socket = new Duplex({
    allowHalfOpen: false,
    read() {},
    write: (_chunk, _encoding, written) => written(),
  });
  for (const piece of pieces) socket.push(piece);
  socket.push(null);
  return new MessageLines(socket);
}

/** What comes of such bytes until their end. */
async function received(pieces: Iterable<Uint8Array | string>): Promise<unknown[]> {
  const messages: unknown[] = [];
  const way = from(pieces);
  way.on("message", (message) => messages.push(message));
  await way.disconnected;
  assertEquals(way.connected, false);
  return messages;
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** Text as bytes, cut at these places. */
function cut(text: string, places: readonly number[]): Uint8Array[] {
  const bytes = Buffer.from(text);
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b)];
  return at.map((start, index) => bytes.subarray(start, at[index + 1]));
}

describe("messages in lines", () => {
  test("come whole, wherever their bytes are cut", async () => {
    const values = fc.array(fc.jsonValue().map((value) => ({ value })), { maxLength: 10 });
    await fc.assert(fc.asyncProperty(values, fc.array(fc.nat()), async (values, places) => {
      const expected = JSON.parse(JSON.stringify(values)) as unknown[];
      assertEquals(await received(cut(values.map(line).join(""), places)), expected);
    }));
  });

  test("that are no JSON are none, and those that are too long are let pass", async () => {
    const long = (length: number): string => JSON.stringify("x".repeat(length - 2)) + "\n";
    const deep = "[".repeat(longestMessage / 2) + "]".repeat(longestMessage / 2) + "\n";
    const sent = ["{\n", "\n", long(longestMessage), long(longestMessage + 1), line(1), "no end"];
    assertEquals(
      (await received(sent)).map((value) => typeof value === "string" ? "long" : value),
      [
        undefined,
        undefined,
        "long",
        overlong,
        1,
      ],
    );
    const piece = "x".repeat(longestMessage);
    assertEquals(await received([piece, piece, piece, "\n", line(2)]), [overlong, 2]);
    // Whether it is read or refused, what follows comes.
    assertEquals((await received([deep, line(3)])).at(-1), 3);
  });

  test("many of them let others have their turn", async () => {
    let turns = 0;
    const turning = setInterval(() => turns++);
    const text = line(Array.from({ length: 2000 }, (_, n) => ({ n }))).repeat(500);
    assertEquals((await received([text])).length, 500);
    clearInterval(turning);
    // All was there at once. How often it was is for the machine to say.
    assertEquals(turns > 0, true);
  });
});

/** What a handler could send to look like Hurricane's own: half right, and wrong. */
const forged = fc.oneof(
  fc.jsonValue(),
  fc.record({
    hurricane: fc.constantFrom("tell", "ask", "answer", "part", "x"),
    type: fc.oneof(
      fc.constantFrom("loaded", "listening", "failed", "crashed", "snapshot", "imports", "series"),
      fc.constantFrom("stopped", "probe", "checks", "metrics", "steer", "__proto__"),
      fc.string(),
    ),
    id: fc.oneof(fc.nat(3), fc.jsonValue()),
    body: fc.oneof(
      fc.jsonValue(),
      fc.record({
        inFlight: fc.jsonValue(),
        requests: fc.jsonValue(),
        reading: fc.nat(2),
        metric: fc.oneof(fc.json(), fc.string()),
        missing: fc.jsonValue(),
        checks: fc.jsonValue(),
      }, { requiredKeys: [] }),
      fc.array(fc.record({ name: fc.string(), status: fc.string(), details: fc.jsonValue() })),
    ),
    inParts: fc.boolean(),
    text: fc.oneof(fc.json(), fc.string()),
  }, { requiredKeys: ["hurricane"] }),
);

test("whatever a handler sends, the supervisor hears what follows", async () => {
  await fc.assert(fc.asyncProperty(fc.array(forged, { maxLength: 20 }), async (messages) => {
    const last = { inFlight: 12345, answered: 1, loopDelay: 0 };
    const way = from([...messages, { hurricane: "tell", type: "snapshot", body: last }].map(line));
    const channel = new Channel<SupervisorEnd, AppEnd>(way, readApp, 1000);
    const heard: unknown[] = [];
    const asked = [
      channel.ask("checks", { probe: "readiness" }),
      channel.ask("steer", {
        port: 1,
        places: null,
        until: 0,
      }),
    ];
    channel.listen({ told: { snapshot: (snapshot) => heard.push(snapshot.inFlight) } });
    await way.disconnected;
    channel.giveUp();
    await Promise.all(asked);
    assertEquals(heard.at(-1), 12345);
  }));
});
