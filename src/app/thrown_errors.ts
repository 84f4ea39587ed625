import { setImmediate } from "../natives.ts";

/**
 * Errors of the handler that are on their way through the runtime, with the answers to them.
 *
 * What `fetch` throws is thrown again, to the runtime's own error path, where reporters look for it.
 * By then it has been logged and counted, and its answer is made; so the runtime's error function
 * has nothing to do but to look that up. It is called in the turn of the event loop in which the error
 * was thrown, or never: Bun does not call it for a client that has left meanwhile. So an answer that
 * nobody has taken by the end of the turn is dropped, lest a later request that fails with the same
 * error gets it.
 */
export class ThrownErrors {
  readonly #answers = new Map<object, { answer: Response }>();

  /**
   * Throws an error that has been answered. Returns the answer instead where the error could not be
   * known again: it is no object, or another request fails with the same one in this turn.
   */
  throw(error: unknown, answer: Response): Response {
    if (typeof error !== "object" || error === null || this.#answers.has(error)) return answer;
    const thrown = { answer };
    this.#answers.set(error, thrown);
    setImmediate(() => {
      if (this.#answers.get(error) === thrown) this.#answers.delete(error);
    });
    throw error;
  }

  /** Changes the answer to an error that is on its way, if it has one. */
  change(error: unknown, to: (answer: Response) => Response): void {
    if (typeof error !== "object" || error === null) return;
    const thrown = this.#answers.get(error);
    if (thrown !== undefined) thrown.answer = to(thrown.answer);
  }

  /** The answer to an error that comes out of the runtime; `undefined` where it was not thrown here. */
  take(error: unknown): Response | undefined {
    if (typeof error !== "object" || error === null) return undefined;
    const thrown = this.#answers.get(error);
    this.#answers.delete(error);
    return thrown?.answer;
  }
}
