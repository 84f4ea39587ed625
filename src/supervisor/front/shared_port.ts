import type { Worker } from "../workers/worker.ts";
import type { FrontContext } from "./front.ts";
import { OwnPort } from "./own_port.ts";
import type { ProbeListener } from "./probe_listener.ts";

/**
 * Handler and probes on one port. While a worker listens it gives probes to the supervisor; while none
 * does, the supervisor listens in its place.
 */
export class SharedPort extends OwnPort {
  override get probes(): { hostname: string; port: number } | undefined {
    if (this.listener === undefined) return undefined;
    return { hostname: this.options.host, port: this.listener.port };
  }

  override async openProbes(context: FrontContext): Promise<void> {
    this.context = context;
    const { host: hostname, port } = this.options;
    this.listener = this.listenerOn({ hostname, port, reusePort: true });
    await this.#open(this.listener);
  }

  /** The listener of the probes has found out. */
  override requireFree(): void {}

  override async opened(worker: Worker): Promise<void> {
    await super.opened(worker);
    const { listener } = this;
    if (listener !== undefined) await this.pool.group.close(listener, () => listener.close());
  }

  override async allDown(): Promise<void> {
    if (this.listener !== undefined) await this.#open(this.listener);
  }

  protected override get respond(): ((request: Request) => Promise<Response>) | undefined {
    return this.context?.answerProbe;
  }

  async #open(listener: ProbeListener): Promise<void> {
    await listener.open();
    this.pool.group.add(listener);
  }
}
