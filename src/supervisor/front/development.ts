import process from "node:process";
import { tlsFiles } from "../../app/tls.ts";
import { runtime } from "../../runtime/mod.ts";
import { defaultMaxBodySize } from "../../runtime/runtime.ts";
import { within } from "../../within.ts";
import { Autoreload } from "../development/autoreload.ts";
import { ReloadProxy } from "../development/reload_proxy.ts";
import type { Launch } from "../workers/launch.ts";
import type { ServiceOptions } from "../../options/service_options.ts";
import type { Worker } from "../workers/worker.ts";
import { OwnPort } from "./own_port.ts";

/** How long a head may be on Bun, in bytes, where nothing is said of it. */
const usualHead = 16 * 1024;

/**
 * Hot reload: the supervisor listens where clients are, and passes requests on to the worker of the
 * moment. Code that does not start, or crashes too often, is waited for.
 */
export class Development extends OwnPort {
  readonly #handler: string;
  #proxy: ReloadProxy | undefined;
  #autoreload: Autoreload | undefined;

  /** @param handler the absolute path of the module that is reloaded */
  constructor(options: ServiceOptions, launch: Launch, handler: string) {
    super(options, launch, { hostname: "127.0.0.1", port: 0, reusePort: false });
    this.#handler = handler;
  }

  override get port(): number {
    return this.#proxy?.port ?? 0;
  }

  override async start(): Promise<void> {
    const { pool, options, context } = this;
    if (context === undefined) throw new Error("the service has not started");
    const { signal, waitsFor, reloaded } = context;
    const { watchPath, command } = options;
    const code = { handler: this.#handler, watchPath, command, cwd: process.cwd() };
    const autoreload = this.#autoreload = new Autoreload(pool, signal, code, () => {
      waitsFor(autoreload.trouble ?? "starting the handler");
      proxy.retry();
    }, reloaded);
    const { maxHeaderSize = usualHead } = options;
    // Not down: the probes are of this process, too, and the handler's own refuses what is too long.
    if (maxHeaderSize > usualHead) runtime.limitHeads?.(maxHeaderSize);
    const { tls } = tlsFiles(options);
    const proxy = this.#proxy = new ReloadProxy(
      () => pool.serving[0],
      () => autoreload.trouble,
      options.maxBodySize ?? defaultMaxBodySize,
      tls,
    );
    await proxy.open(options.host, options.port);
    await autoreload.start();
  }

  override launch(): Worker {
    this.#autoreload?.starting();
    return super.launch();
  }

  override async left(worker: Worker): Promise<void> {
    await within(this.options.shutdownTimeout, this.#proxy?.left(worker) ?? Promise.resolve());
  }

  override up(worker: Worker): void {
    this.#autoreload?.up(worker);
    this.#proxy?.retry();
  }

  override reload(): boolean {
    this.#autoreload?.reload();
    return true;
  }

  override survives(reason: string, trace: string): boolean {
    this.#autoreload?.gaveUp(reason, trace);
    return true;
  }

  override drain(): void {
    this.#proxy?.drain();
  }

  override close(): void {
    this.#proxy?.close();
  }

  override async end(): Promise<void> {
    await super.end();
    this.#proxy?.abort();
  }
}
