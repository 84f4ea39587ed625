import { nativeSignal } from "../runtime/native_signal.ts";
import { AbortController, AbortSignal } from "../natives.ts";

/** Aborts the `signal` of a request, which otherwise only the runtime can do. */
export class Cancellation {
  readonly #controller = new AbortController();

  /** Puts another signal in the place of the request's own, made when somebody asks for it. */
  constructor(request: Request) {
    const { signal: ours } = this.#controller;
    let both: AbortSignal | undefined;
    Object.defineProperty(request, "signal", {
      get: () => both ??= AbortSignal.any([nativeSignal(request), ours]),
      configurable: true,
      enumerable: true,
    });
  }

  /** Aborts it, also for whoever asks for it later. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }
}
