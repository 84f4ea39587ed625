/**
 * Errors of the handler that are on their way through the runtime, with the answers to them.
 *
 * What `fetch` throws is thrown again, to the runtime's own error path, where reporters look for it.
 * By then it has been logged and counted, and its answer is made; so the runtime's error function
 * has nothing to do but to look that up.
 */
export class ThrownErrors {
  /** Several, where requests fail with the same error: the answers are as good as each other. */
  readonly #answers = new WeakMap<object, Response[]>();

  /** Throws an error that has been answered, or returns the answer where the error is no object: it could not be known again. */
  throw(error: unknown, answer: Response): Response {
    if (typeof error !== "object" || error === null) return answer;
    const answers = this.#answers.get(error);
    if (answers === undefined) this.#answers.set(error, [answer]);
    else answers.push(answer);
    throw error;
  }

  /** The answer to an error that comes out of the runtime; `undefined` where it was not thrown here. */
  take(error: unknown): Response | undefined {
    if (typeof error !== "object" || error === null) return undefined;
    return this.#answers.get(error)?.shift();
  }
}
