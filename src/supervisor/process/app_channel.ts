import type { ChildProcess } from "node:child_process";
import { type AppMessage, readAppMessage, type SupervisorMessage } from "../../app/protocol.ts";
import { logger } from "../../log.ts";

const log = logger("supervisor");

/** A message that an answer with the same number follows. */
type Numbered = Extract<SupervisorMessage, { id: number }>;
type WithoutId<Message> = Message extends unknown ? Omit<Message, "id"> : never;

/** A question to an app process. */
export type Question = WithoutId<Exclude<Numbered, { type: "answer" }>>;

/** The messages to an app process and from it, and which answer belongs to which question. */
export class AppChannel {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (message: AppMessage | undefined) => void>();
  #lastId = 0;

  /** @param receive gets every message that is Hurricane's, answers as well */
  constructor(child: ChildProcess, receive: (message: AppMessage) => void) {
    this.#child = child;
    child.on("message", (received) => {
      const message = readAppMessage(received);
      if (message === undefined) {
        log.debug("ignored a message that is not Hurricane's from the handler's process");
        return;
      }
      receive(message);
      const { id } = message as { id?: number };
      if (id !== undefined && message.type !== "probe") this.#waiting.get(id)?.(message);
    });
  }

  /** Asks, and waits for the answer for up to `timeout` milliseconds. */
  ask(question: Question, timeout: number): Promise<AppMessage | undefined> {
    if (!this.#child.connected) return Promise.resolve(undefined);
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      const settle = (answer: AppMessage | undefined): void => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(answer);
      };
      const timer = setTimeout(settle, timeout, undefined);
      this.#waiting.set(id, settle);
      this.send({ ...question, id });
    });
  }

  /** Tells all who wait that there is no answer. */
  answerNone(): void {
    for (const answer of this.#waiting.values()) answer(undefined);
  }

  send(message: SupervisorMessage): void {
    if (!this.#child.connected) return;
    // A channel that breaks here is that of a process that is dying; its exit tells the rest.
    this.#child.send(message, (error) => {
      if (error !== null) {
        log.debug("cannot reach the handler's process: {error}", { error: error.message });
      }
    });
  }
}
