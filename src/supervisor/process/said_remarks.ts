import type { Remark } from "../../app/remarks.ts";
import { logger } from "../../log.ts";

const log = logger("handler");

/** More than any handler has by itself; those of a hot reload, or forged ones, must not fill the memory. */
const most = 100;

/** What the log has said of the handler of a service. */
export class SaidRemarks {
  readonly #said = new Set<string>();

  /** Logs what one of its processes tells, unless another one has told the same. */
  say({ level, message, properties }: Remark): void {
    const key = JSON.stringify([level, message, properties]);
    if (this.#said.has(key) || this.#said.size >= most) return;
    this.#said.add(key);
    log[level](message, properties);
  }
}
