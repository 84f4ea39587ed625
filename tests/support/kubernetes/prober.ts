import type { Probe } from "../../../src/manifest/kubernetes.ts";
import { probe, type Probed } from "./probe.ts";
import { probeTimeout, second } from "./scaled.ts";

/** What decides over one probe of a container. */
export type Thresholds = Pick<Probe, "periodSeconds" | "timeoutSeconds" | "failureThreshold">;

/**
 * Asks one probe of a container, at once and then at each tick, and tells what that comes to: a success
 * each time, and a failure when so many have come in a row. Ticks come after each period, from any moment
 * in the first one on: a kubelet has its ticks since it began, not since the container did.
 */
export class Prober implements Disposable {
  readonly #url: string;
  readonly #thresholds: Thresholds;
  readonly #tell: (probed: Probed) => void;
  readonly #period: number;
  #tick: number;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(url: string, thresholds: Thresholds, tell: (probed: Probed) => void) {
    this.#url = url;
    this.#thresholds = thresholds;
    this.#tell = tell;
    this.#period = thresholds.periodSeconds * second;
    this.#tick = Date.now() + Math.random() * this.#period;
    void this.#ask();
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    const { timeoutSeconds, failureThreshold } = this.#thresholds;
    const probed = await probe(this.#url, probeTimeout(timeoutSeconds));
    if (this.#stopped) return;
    this.#failures = probed.success ? 0 : this.#failures + 1;
    if (probed.success || this.#failures >= failureThreshold) this.#tell(probed);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#ask(), Math.max(0, this.#tick - Date.now()));
    this.#tick += this.#period;
  }
}
