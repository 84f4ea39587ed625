import process from "node:process";
import { tlsFiles } from "../../app/tls.ts";
import { Autoreload, type ReloadedPool } from "./autoreload.ts";
import { Front } from "./proxy.ts";
import type { ServiceOptions } from "../../options/service_options.ts";
import type { Worker } from "../workers/worker.ts";

/** What is different in a service with hot reload: who listens, and what happens to code that fails. */
export class Development {
  readonly #front: Front;
  readonly #autoreload: Autoreload;

  /**
   * @param handler the absolute path of the module that is reloaded
   * @param signal aborted when the service is told to stop
   * @param troubled told what the service waits for while no code serves
   */
  constructor(
    options: ServiceOptions,
    handler: string,
    pool: ReloadedPool,
    signal: AbortSignal,
    troubled: (trouble: string) => void,
  ) {
    const code = { handler, watchPath: options.watchPath, cwd: process.cwd() };
    const { tls } = tlsFiles(options);
    this.#front = new Front(() => pool.serving[0], () => this.#autoreload.trouble, tls);
    this.#autoreload = new Autoreload(pool, signal, code, () => {
      troubled(this.#autoreload.trouble ?? "starting the handler");
      this.#front.retry();
    });
  }

  /** The port that clients use, once it is open. */
  get port(): number {
    return this.#front.port;
  }

  /**
   * Listens, and starts the handler as often as it takes. Rejects where the address cannot be had, and
   * where the service is told to stop.
   */
  async start({ host, port }: ServiceOptions): Promise<void> {
    await this.#front.open(host, port);
    await this.#autoreload.start();
  }

  /** Starts the handler anew although no file has changed. */
  reload(): void {
    this.#autoreload.reload();
  }

  /** A worker is about to be started. */
  starting(): void {
    this.#autoreload.starting();
  }

  /** A worker takes requests. */
  up(worker: Worker): void {
    this.#autoreload.up(worker);
    this.#front.retry();
  }

  /** Resolves when a worker that another one has replaced has nothing more to begin. */
  leave(worker: Worker): Promise<void> {
    return this.#front.left(worker);
  }

  /** The handler crashed once too often: only an edit will help. */
  gaveUp(reason: string, trace: string): void {
    this.#autoreload.gaveUp(reason, trace);
  }

  /** Each answer asks its client to go from now on. */
  drain(): void {
    this.#front.drain();
  }

  /** Takes no new connection. */
  close(): void {
    this.#front.close();
  }

  /** Closes what is still open. */
  abort(): void {
    this.#front.abort();
  }
}
