/**
 * The way on which the supervisor and a process that runs the handler talk, the same at both ends.
 *
 * There are three kinds of message. One end *tells* something, and no answer follows. Or it *asks*,
 * and the other end *answers* with the number of the question, in parts where the answer is long.
 *
 * @module
 */
import { clearTimeout, JSON, Promise, setImmediate, setTimeout } from "../natives.ts";

/** What one end says: what it tells, and what it asks with the answers that it gets, by type. */
export interface End {
  tells: object;
  asks: { [Type: string]: { question: unknown; answer: unknown } };
}

/** What is done with each thing that an end tells, by type. */
export type Told<Theirs extends End> = {
  [Type in keyof Theirs["tells"]]: (body: Theirs["tells"][Type]) => void;
};

/**
 * What answers each question of an end, by type. Must not reject: only the other end waits for it.
 */
export type Asked<Theirs extends End> = {
  [Type in keyof Theirs["asks"]]: (
    question: Theirs["asks"][Type]["question"],
  ) => Theirs["asks"][Type]["answer"] | Promise<Theirs["asks"][Type]["answer"]>;
};

/** What comes from a {@linkcode Port} in place of a message that is too long to be read. */
export const overlong: unique symbol = Symbol("overlong");

/** What is done at one end with what the other one says; what there is nothing for is let pass. */
export interface Listeners<Theirs extends End> {
  told?: Partial<Told<Theirs>>;
  asked?: Partial<Asked<Theirs>>;
  /** Called with each message of the other end before it is heeded, whatever is in it. */
  heard?(): void;
  /**
   * A message was refused. Whoever waits for an answer, at either end, has been told that none
   * comes.
   */
  refused?(message: Refusal): void;
  /**
   * There was a message on this way that is none of Hurricane's: the handler may send some, too.
   */
  foreign?(): void;
  /** A message was longer than is read on this way. Whose it was, nobody knows. */
  overlong?(): void;
  /** Something could not be sent: the other end is going. */
  broken?(error: Error): void;
}

/** A message of a known type that is not as it should be. */
export interface Refusal {
  kind: Kind;
  type: string;
  /** What is wrong with it. */
  reason: string;
}

/** What a message is to the one who gets it. */
export type Kind = "tell" | "ask" | "answer";

/**
 * Reads what a message says: gives its body, or why it is refused; `undefined` where there is no
 * such type.
 */
export type Reader = (
  kind: Kind,
  type: string,
  body: unknown,
) => { body: unknown } | { refused: string } | undefined;

/**
 * The other end: `node:process` in a process that was started, and a `ChildProcess` to the one who
 * started it.
 */
export interface Port {
  readonly connected?: boolean;
  on(event: "message", listener: (message: unknown) => void): unknown;
  send?(
    message: unknown,
    handle: undefined,
    options: undefined,
    sent: (error: Error | null) => void,
  ): unknown;
}

/** A message as it crosses: the first name tells it from what the handler sends on the same way. */
type Message =
  | { hurricane: "tell"; type: string; body?: unknown }
  | { hurricane: "ask"; type: string; id: number; body?: unknown }
  /** A part of a long answer, as JSON; the answer itself then says that it has crossed `inParts`. */
  | { hurricane: "part"; id: number; text: string }
  | { hurricane: "answer"; id: number; body?: unknown; inParts?: true };

/**
 * An answer whose JSON is longer crosses in parts of this length, in characters. What else is told
 * passes in between: signs of life, above all.
 */
const longestPart = 128 * 1024;

type ByType = Partial<Record<string, (body: unknown) => unknown>>;

/** Whoever waits for an answer. */
interface Waiting {
  type: string;
  /** What has come of a long answer, and how much that is, in characters. */
  parts: string[];
  size: number;
  settle(answer: unknown): void;
}

/** One end of the way. */
export class Channel<Ours extends End, Theirs extends End> {
  readonly #port: Port;
  readonly #read: Reader;
  readonly #longestAnswer: number;
  readonly #waiting = new Map<number, Waiting>();
  readonly #told: ByType = {};
  readonly #asked: ByType = {};
  #listeners: Listeners<Theirs> | undefined;
  #lastId = 0;

  /**
   * @param read by default, whatever comes from the other end is taken as it is
   * @param longestAnswer in characters
   */
  constructor(
    port: Port,
    read: Reader = (_kind, _type, body) => ({ body }),
    longestAnswer = Infinity,
  ) {
    this.#port = port;
    this.#read = read;
    this.#longestAnswer = longestAnswer;
  }

  /**
   * Listens to the other end. May be called again, with more that it is listened for. From the
   * first time on the way keeps the process alive, and answers are heard.
   */
  listen(listeners: Listeners<Theirs>): void {
    if (this.#listeners === undefined) this.#port.on("message", (got) => this.#receive(got));
    this.#listeners = { ...this.#listeners, ...listeners };
    // By its type it is known what a message holds, but not to TypeScript.
    Object.assign(this.#told, listeners.told);
    Object.assign(this.#asked, listeners.asked);
  }

  /**
   * Says something that needs no answer.
   *
   * @param sent called once it has left, or never can
   */
  tell<Type extends keyof Ours["tells"] & string>(
    type: Type,
    body: Ours["tells"][Type],
    sent?: () => void,
  ): void {
    this.#send({ hurricane: "tell", type, body }, sent);
  }

  /**
   * Asks, and waits for the answer for up to `timeout` milliseconds, by default without an end.
   * Resolves with `undefined` where none comes, and at once where it is known that none will.
   */
  ask<Type extends keyof Ours["asks"] & string>(
    type: Type,
    body: Ours["asks"][Type]["question"],
    timeout = Infinity,
  ): Promise<Ours["asks"][Type]["answer"] | undefined> {
    if (this.#port.connected !== true) return Promise.resolve(undefined);
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      const settle = (answer: unknown): void => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(answer as Ours["asks"][Type]["answer"] | undefined);
      };
      const timer = timeout < Infinity ? setTimeout(settle, timeout, undefined) : undefined;
      this.#waiting.set(id, { type, parts: [], size: 0, settle });
      this.#send({ hurricane: "ask", type, id, body });
    });
  }

  /** Tells all who wait for an answer that there is none. */
  giveUp(): void {
    for (const { settle } of this.#waiting.values()) settle(undefined);
  }

  #receive(received: unknown): void {
    if (received === overlong) return this.#listeners?.overlong?.();
    if (!isMessage(received)) return this.#listeners?.foreign?.();
    switch (received.hurricane) {
      case "tell": {
        const { type, body } = received;
        return this.#heed("tell", type, body, (read) => void this.#told[type]?.(read));
      }
      case "ask": {
        const { type, id, body } = received;
        const answer = (question: unknown): void => void this.#answer(type, id, question);
        return this.#heed("ask", type, body, answer, () => void this.#sendAnswer(id));
      }
      case "answer": {
        // Nobody waits for one that comes too late.
        const waiting = this.#waiting.get(received.id);
        if (waiting === undefined) return this.#listeners?.heard?.();
        const settle = (answer?: unknown): void => waiting.settle(answer);
        const body = received.inParts ? joined(waiting.parts) : received.body;
        return this.#heed("answer", waiting.type, body, settle, settle);
      }
      case "part": {
        const waiting = this.#waiting.get(received.id);
        if (waiting !== undefined) this.#addPart(waiting, received.text);
        return this.#listeners?.heard?.();
      }
    }
  }

  #addPart(waiting: Waiting, text: string): void {
    waiting.parts.push(text);
    waiting.size += text.length;
    if (waiting.size <= this.#longestAnswer) return;
    waiting.settle(undefined);
    this.#listeners?.overlong?.();
  }

  /** Reads a message and does `action` with it, or `instead` where it is refused. */
  #heed(
    kind: Kind,
    type: string,
    body: unknown,
    action: (body: unknown) => void,
    instead: () => void = () => {},
  ): void {
    const reading = this.#read(kind, type, body);
    if (reading === undefined) return this.#listeners?.foreign?.();
    this.#listeners?.heard?.();
    if ("body" in reading) return action(reading.body);
    instead();
    this.#listeners?.refused?.({ kind, type, reason: reading.refused });
  }

  async #answer(type: string, id: number, question: unknown): Promise<void> {
    const answer = this.#asked[type];
    if (answer !== undefined) await this.#sendAnswer(id, await answer(question));
  }

  async #sendAnswer(id: number, body?: unknown): Promise<void> {
    const text = JSON.stringify(body) ?? "";
    if (text.length <= longestPart) return this.#send({ hurricane: "answer", id, body });
    for (let from = 0; from < text.length; from += longestPart) {
      const part = text.slice(from, from + longestPart);
      await new Promise((sent) =>
        this.#send({ hurricane: "part", id, text: part }, () => setImmediate(sent))
      );
    }
    this.#send({ hurricane: "answer", id, inParts: true });
  }

  #send(message: Message, sent: () => void = () => {}): void {
    const port = this.#port;
    if (port.connected !== true || port.send === undefined) return sent();
    port.send(message, undefined, undefined, (error) => {
      if (error !== null) this.#listeners?.broken?.(error);
      sent();
    });
  }
}

function isMessage(received: unknown): received is Message {
  const { hurricane, type, id, text } = Object(received) as Record<string, unknown>;
  if (hurricane === "tell") return typeof type === "string";
  if (hurricane === "ask") return typeof type === "string" && Number.isInteger(id);
  if (hurricane === "part") return Number.isInteger(id) && typeof text === "string";
  return hurricane === "answer" && Number.isInteger(id);
}

/** A long answer; `undefined`, which is refused, where that is no JSON. */
function joined(parts: readonly string[]): unknown {
  try {
    return JSON.parse(parts.join(""));
  } catch {
    // Only what the handler itself has sent can be that.
    return undefined;
  }
}
