import { describe, test } from "node:test";
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { EventEmitter } from "node:events";
import { Channel, type Listeners, type Port, type Reader } from "../../src/app/channel.ts";
import { pause } from "../support/wait.ts";

/** What both ends of the tests say. */
interface Both {
  tells: { word: string; number: number };
  asks: {
    double: { question: number; answer: number };
    spell: { question: number; answer: string };
  };
}

/** One end of a way in memory. */
class Wire extends EventEmitter implements Port {
  connected = true;
  readonly sent: unknown[] = [];
  other: Wire | undefined;

  send(
    message: unknown,
    _handle: undefined,
    _options: undefined,
    sent: (error: Error | null) => void,
  ): void {
    // As JSON, as it is between processes.
    const copy = JSON.parse(JSON.stringify(message)) as unknown;
    this.sent.push(copy);
    this.emit("sent");
    queueMicrotask(() => {
      this.other?.emit("message", copy);
      sent(null);
    });
  }
}

/** A way with two ends: `ours` says things, `theirs` listens. */
function way(listeners: Listeners<Both> = {}, read?: Reader, readAnswers?: Reader) {
  const [near, far] = [new Wire(), new Wire()];
  [near.other, far.other] = [far, near];
  const ours = new Channel<Both, Both>(near, readAnswers);
  const theirs = new Channel<Both, Both>(far, read);
  const log: unknown[] = [];
  const noted = (name: string) => (what?: unknown): void =>
    void log.push(what === undefined ? name : [name, what]);
  ours.listen({ refused: noted("our refused") });
  theirs.listen({
    refused: noted("refused"),
    foreign: noted("foreign"),
    heard: noted("heard"),
    ...listeners,
  });
  return { near, far, ours, theirs, log, noted };
}

const doubling: Listeners<Both> = { asked: { double: (number) => 2 * number } };
const refusing: Reader = () => ({ refused: "no good at all" });

describe("a channel", () => {
  test("brings what is told, in its order", async () => {
    const got: unknown[] = [];
    const { ours } = way({
      told: { word: (word) => got.push(word), number: (number) => got.push(number) },
    });
    ours.tell("word", "a");
    ours.tell("number", 1);
    await new Promise<void>((sent) => ours.tell("word", "b", sent));
    assertEquals(got, ["a", 1, "b"]);
  });

  test("brings each answer to its question, whichever comes first", async () => {
    const gate = Promise.withResolvers<void>();
    const { ours } = way({
      asked: { double: async (number) => (number === 1 && await gate.promise, 2 * number) },
    });
    const slow = ours.ask("double", 1);
    assertEquals(await ours.ask("double", 2), 4);
    gate.resolve();
    assertEquals(await slow, 2);
  });

  test("brings a long answer in parts, between which it tells other things", async () => {
    const long = ('long, "so" 🌊 ').repeat(50_000);
    const { ours, theirs, far, log } = way({ asked: { spell: () => long } });
    ours.listen({
      told: { word: (word) => log.push(word) },
      heard: () => log.push("sign of life"),
    });
    far.on("sent", () => far.sent.length === 2 && theirs.tell("word", "in between"));
    assertEquals(await ours.ask("spell", 7), long);
    assertGreater(log.indexOf("in between"), 1);
    assertLess(log.indexOf("in between"), log.length - 2);
    // Of one that nobody waits for any more nothing is kept.
    assertEquals(await ours.ask("spell", 7, 0), undefined);
    assertEquals(await ours.ask("spell", 7), long);
  });

  test("refuses a long answer whose parts are no JSON", async () => {
    const { ours, near, log } = way(
      { asked: { spell: () => new Promise<string>(() => {}) } },
      undefined,
      (_kind, _type, body) => body === undefined ? { refused: "nothing" } : { body },
    );
    const asked = ours.ask("spell", 7);
    near.emit("message", { hurricane: "part", id: 1, text: "[1, 2" });
    near.emit("message", { hurricane: "answer", id: 1, inParts: true });
    assertEquals(await asked, undefined);
    assertEquals(log.find(Array.isArray), ["our refused", {
      kind: "answer",
      type: "spell",
      reason: "nothing",
    }]);
  });

  test("lets both ends ask at once, though they count alike", async () => {
    const { ours, theirs } = way(doubling);
    ours.listen({ asked: { double: (number) => 20 * number } });
    assertEquals(await Promise.all([ours.ask("double", 1), theirs.ask("double", 1)]), [2, 20]);
  });

  test("does not wait for an answer for longer than it is told, nor is it harmed by a late one", async () => {
    const gate = Promise.withResolvers<number>();
    const { ours, near } = way({ asked: { double: () => gate.promise } });
    assertEquals(await ours.ask("double", 1, 5), undefined);
    const received = new Promise((resolve) => near.once("message", resolve));
    gate.resolve(2);
    await received;
    await pause(1);
  });

  test("does not wait once it is known that no answer comes", async () => {
    const { ours, near } = way({ asked: { double: () => new Promise<number>(() => {}) } });
    const asked = ours.ask("double", 1);
    ours.giveUp();
    assertEquals(await asked, undefined);
    near.connected = false;
    assertEquals(await ours.ask("double", 1), undefined);
    await new Promise<void>((sent) => ours.tell("word", "a", sent));
    assertEquals(near.sent.length, 1);
  });

  test("tells at once whoever asks what is refused", async () => {
    const { ours, log } = way(doubling, refusing);
    assertEquals(await ours.ask("double", 1), undefined);
    assertEquals(log, ["heard", [
      "refused",
      { kind: "ask", type: "double", reason: "no good at all" },
    ]]);
  });

  test("tells at once whoever waits for an answer that is refused", async () => {
    const { ours, log } = way(doubling, undefined, refusing);
    assertEquals(await ours.ask("double", 1), undefined);
    assertEquals(log, ["heard", [
      "our refused",
      { kind: "answer", type: "double", reason: "no good at all" },
    ]]);
  });

  test("says that what is told was refused", async () => {
    const { ours, log } = way({ told: { word: () => log.push("told") } }, refusing);
    await new Promise<void>((sent) => ours.tell("word", "a", sent));
    const reason = "no good at all";
    assertEquals(log, ["heard", ["refused", { kind: "tell", type: "word", reason }]]);
  });

  test("leaves alone what the handler sends of its own", () => {
    const { far, log } = way(doubling, () => undefined);
    const own = [
      null,
      undefined,
      "word",
      7,
      { type: "word", body: "x" },
      { hurricane: "word" },
      { hurricane: "tell" },
      { hurricane: "ask", type: "double" },
      { hurricane: "answer", id: "1" },
      // Of a type that there is not.
      { hurricane: "tell", type: "constructor" },
    ];
    for (const message of own) far.emit("message", message);
    assertEquals(log, own.map(() => "foreign"));
    assertEquals(far.sent, []);
  });

  test("says that the way is broken", async () => {
    const { ours, near } = way();
    near.send = (_message, _handle, _options, sent) => sent(new Error("EPIPE"));
    const broken = new Promise<Error>((resolve) => ours.listen({ broken: resolve }));
    ours.tell("word", "a");
    assertEquals((await broken).message, "EPIPE");
  });
});
