import { ListenError } from "../../app/listen_error.ts";
import { expired, within } from "../../within.ts";
import { runtime } from "../../runtime/mod.ts";
import type { FetchHandler, Listener, ListenOptions } from "../../runtime/runtime.ts";

/** How long answers that are under way are waited for, in milliseconds. */
const closeTimeout = 1000;

/** Where the probe server listens, for as long as it does. */
export class ProbeListener {
  readonly #fetch: FetchHandler;
  readonly #options: ListenOptions;
  readonly #flag: string;
  #listener: Listener | undefined;
  #port: number;
  #first = true;
  /** One after the other: what was asked for last is what stands in the end. */
  #turn: Promise<void> = Promise.resolve();

  /** @param flag what says which port it is, for an error */
  constructor(fetch: FetchHandler, options: ListenOptions, flag = "--probe-port") {
    this.#flag = flag;
    this.#fetch = fetch;
    this.#options = options;
    this.#port = options.port;
  }

  /** The port, once it is open. */
  get port(): number {
    return this.#port;
  }

  /** Opens it, or does nothing where it is open. Rejects where the address cannot be had. */
  open(): Promise<void> {
    return this.#inTurn(() => this.#open());
  }

  /** Closes it when what it is answering has been answered, or else is cut off after a second. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#close());
  }

  #inTurn(action: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(action);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #open(): Promise<void> {
    if (this.#listener !== undefined) return;
    const options = { ...this.#options, port: this.#port };
    try {
      // A shared port would be shared with a stranger's listener too: it must be free at first.
      if (options.reusePort && this.#first) runtime.requireFree(options);
      this.#listener = await runtime.listen(this.#fetch, options);
    } catch (error) {
      throw new ListenError("the probes", this.#flag, options, error);
    }
    this.#first = false;
    this.#port = this.#listener.port;
  }

  async #close(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener === undefined) return;
    // A client that sends half a request must not keep the service from starting or from stopping.
    if (await within(closeTimeout, listener.stop()) === expired) listener.abort();
  }
}
