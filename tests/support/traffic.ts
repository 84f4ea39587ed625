import { assertEquals, assertGreater } from "@std/assert";
import { Load } from "./load.ts";
import { Wrk, wrkConnections, wrkMissing } from "./wrk.ts";

/** What clients saw. */
export interface Seen {
  /** Complete answers on new connections. */
  fresh: number;
  /** On kept ones. */
  kept: number;
  /** How many requests failed on new connections, and on kept ones. */
  failed: { fresh: number; kept: number };
  /** What failed, for messages. */
  text: string;
}

/** Clients with a new connection for each request and, where there is `wrk`, clients with kept ones. */
export class Traffic implements AsyncDisposable {
  readonly load: Load;
  readonly #wrk: Wrk | undefined;

  constructor(url: string) {
    this.load = new Load(url);
    this.#wrk = wrkMissing === undefined ? new Wrk(url) : undefined;
    if (wrkMissing !== undefined) console.log(`${wrkMissing}: no load on kept connections`);
  }

  /** Ends it. */
  async stop(): Promise<Seen> {
    const kept = await this.#wrk?.stop();
    await this.load.stop();
    const { ok: fresh, failed, failures } = this.load;
    const text = `new connections: ${fresh} answered, ${JSON.stringify([...failures])} failed; ${
      kept?.text ?? "no wrk"
    }`;
    return {
      fresh,
      kept: kept?.answered ?? 0,
      failed: { fresh: failed, kept: kept?.failed ?? 0 },
      text,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#wrk?.[Symbol.asyncDispose]();
    await this.load.stop();
  }
}

/**
 * There was traffic, and nothing of it failed.
 *
 * @param log what else tells why
 */
export function assertUnharmed({ fresh, kept, failed, text }: Seen, log = ""): void {
  assertEquals(failed, { fresh: 0, kept: 0 }, `${text}\n${log.slice(0, 10_000)}`);
  assertGreater(fresh, 0, text);
  if (wrkMissing === undefined) assertGreater(kept, 0, text);
}

/** Requests failed, as they must where the test could otherwise not see one. */
export function assertHarmed({ failed, text }: Seen): void {
  assertGreater(failed.fresh, 0, text);
  if (wrkMissing === undefined) assertGreater(failed.kept, 0, text);
}

/** By how many the server may have counted more: answers that `wrk` did not wait for. */
export const uncertain = wrkMissing === undefined ? wrkConnections : 0;
