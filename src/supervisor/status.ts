import { hostname } from "node:os";
import type { QueueCounts } from "../amqp/counts.ts";
import { parseSubscription } from "../amqp/subscription.ts";
import { redactBroker } from "../amqp/url.ts";
import { commandName } from "../commands/display.ts";
import { splitCommand } from "../commands/words.ts";
import { describe, messageOf, traceOf } from "../errors.ts";
import { listenToLog, logger } from "../log.ts";
import { residentBytes } from "../metrics/process.ts";
import { sharesPort } from "../options/ports.ts";
import type { ServiceOptions } from "../options/service_options.ts";
import type { Phase, Probes, Verdict } from "../probes/probes.ts";
import type { QueueReading, RequestQueue } from "../probes/queue.ts";
import { runtime } from "../runtime/mod.ts";
import type { Feed } from "../status/feed.ts";
import { Journal } from "../status/journal.ts";
import type { ShownMessages, ShownWorker, StatusModel } from "../status/model.ts";
import { statusPaths } from "../status/paths.ts";
import { Rates } from "../status/rates.ts";
import { sampleInterval, Samples, totalsOf } from "../status/samples.ts";
import { version } from "../version.ts";
import type { ProbeType } from "../webhooks/payload.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";
import type { MessagePump } from "./amqp/message_pump.ts";
import { loopDelay, type Scrape } from "./scrape.ts";
import type { PoolEvent } from "./workers/events.ts";
import type { Worker } from "./workers/worker.ts";

const log = logger("probes");

/** How old a probe's answer may be until the page asks itself, in milliseconds: a kubelet's period. */
const staleAnswer = 10_000;

/** What the page needs to know of the service. */
export interface ShownService {
  readonly phase: Phase;
  readonly detail: string;
  /** Since when it is in this phase, in milliseconds since 1970. */
  readonly since: number;
  readonly startupSeconds: number | undefined;
  readonly url: string;
  readonly workers: readonly Worker[];
  readonly retiring: readonly Worker[];
}

/** Where the page has it all from. */
export interface StatusSources {
  service: ShownService;
  options: ServiceOptions;
  probes: Probes;
  queue: RequestQueue;
  scrape: Scrape;
  webhooks: Webhooks;
  /** What takes messages from a broker, if one is to. */
  pump: Pick<MessagePump, "counts" | "obstacle"> | undefined;
}

/**
 * The status page (`--status-page`): takes note of what happens, looks once a second, and shows it to
 * whoever asks.
 */
export class StatusPage {
  readonly journal: Journal;
  readonly #sources: StatusSources;
  readonly #samples = new Samples();
  /** Of messages that are taken, by queue. */
  readonly #rates = new Rates();
  readonly #upSince = new WeakMap<Worker, number>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #stopListening: () => void;
  /** The answers that are being waited for. */
  readonly #asking = new Set<ProbeType>();
  #queue: QueueReading = { length: 0, handler: 0, kernel: 0 };
  #messages: readonly QueueCounts[] = [];
  #feed: Promise<Feed> | undefined;
  #looking = false;
  /** Is the service about to be no more? */
  #ended = false;

  constructor(sources: StatusSources) {
    this.#sources = sources;
    const names = sources.options.command.map((text) => commandName(splitCommand(text)));
    this.journal = new Journal(names);
    this.#stopListening = listenToLog((record) => this.journal.logged(record));
    this.#timer = setInterval(() => {
      this.#look().catch((error: unknown) => this.#fail(error));
    }, sampleInterval);
    // The service decides how long its process lives.
    this.#timer.unref();
  }

  /** Takes note of what happens to the workers. */
  happened(event: PoolEvent): void {
    switch (event.type) {
      case "up":
        this.#upSince.set(event.worker, Date.now());
        return;
      case "died":
        return this.journal.happened(`process ${event.worker.pid} ${event.how}`);
      case "restartFailed":
        return this.journal.happened(`cannot be started again: ${messageOf(event.error)}`);
      case "replaced":
        this.journal.restarted(event.why);
        return this.journal.happened(`another process has taken its place (${event.why})`);
      case "gaveUp":
        return this.journal.happened(`given up: ${event.reason}`);
    }
  }

  /** What answers a request of the page; `undefined` where the path is none of its own. */
  answer(path: string): (() => Promise<Response>) | undefined {
    const shared = sharesPort(this.#sources.options);
    switch (path) {
      case "/":
        return shared ? undefined : () => this.#page();
      case statusPaths.page:
        return () => this.#page();
      case `${statusPaths.page}/`:
        // What it names is beside it.
        return () => Promise.resolve(movedTo("../status"));
      case statusPaths.events:
        return () => this.#events(shared);
      case statusPaths.script:
      case statusPaths.style:
      case statusPaths.icon:
        return () => asset(path);
    }
    return undefined;
  }

  /** Shows to those who still look that the service has stopped, or why it has failed, and ends. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopListening();
    this.#ended = true;
    try {
      (await this.#feed)?.close();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #page(): Promise<Response> {
    const { securely } = await import("../status/assets.ts");
    this.#askProbes();
    return securely((await this.#opened()).page(), "text/html; charset=utf-8");
  }

  /** What comes by a worker's channel comes whole: then each event is asked for. */
  async #events(whole: boolean): Promise<Response> {
    const feed = await this.#opened();
    if (!whole) return feed.welcome();
    this.#askProbes();
    const headers = { "Content-Type": "text/event-stream", "Cache-Control": "no-store" };
    return new Response(feed.event(), { headers });
  }

  /** Late: few services are ever looked at. */
  #opened(): Promise<Feed> {
    return this.#feed ??= import("../status/feed.ts").then(({ Feed }) =>
      new Feed(() => this.#model())
    );
  }

  /** Once a second. One that takes longer is the only one. */
  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const { service, scrape, queue, options, pump } = this.#sources;
      [this.#queue, this.#messages] = await Promise.all([
        queue.read([...service.workers, ...service.retiring]),
        pump?.counts() ?? [],
      ]);
      this.#rates.add({
        at: performance.now(),
        counts: new Map(this.#messages.map(({ queue, consumed }) => [queue, consumed])),
      });
      this.#samples.add({
        time: Date.now(),
        at: performance.now(),
        totals: options.metrics === false ? undefined : totalsOf(scrape.counted),
        handler: this.#queue.handler,
        kernel: this.#queue.kernel,
        loopDelay: scrape.loopDelay,
        memory: this.#memory(),
      });
      const feed = await this.#feed;
      if (feed === undefined || feed.viewers.count === 0) return;
      this.#askProbes();
      feed.send();
    } finally {
      this.#looking = false;
    }
  }

  #memory(): number | undefined {
    const { workers, retiring } = this.#sources.service;
    const sizes = [...workers, ...retiring].map(({ pid }) => residentBytes(pid))
      .filter((size) => size !== undefined);
    return sizes.length === 0 ? undefined : sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Asks the probes that nobody has asked for a while: in development there is no kubelet. */
  #askProbes(): void {
    // What was said in another phase says nothing any more.
    const since = Math.max(Date.now() - staleAnswer, this.#sources.service.since);
    for (const type of ["startup", "readiness", "liveness"] as const) {
      const { time = 0 } = this.journal.answer(type) ?? {};
      if (time > since || this.#asking.has(type)) continue;
      this.#asking.add(type);
      this.#sources.probes.ask(type)
        .then((verdict) => this.answered(verdict, true))
        .catch((error: unknown) => this.#fail(error))
        .finally(() => this.#asking.delete(type));
    }
  }

  /** Whatever is wrong with the page is nothing to the service; said once rather than once a second. */
  #fail(error: unknown): void {
    clearInterval(this.#timer);
    log.error("the status page shows nothing new any more: {error}", {
      error: describe(error),
      stack: traceOf(error),
    });
  }

  /** Takes note of what a probe has said. */
  answered(verdict: Verdict, askedHere = false): void {
    this.journal.answered(verdict, askedHere);
  }

  #model(): StatusModel {
    const { service, options, webhooks } = this.#sources;
    const { journal } = this;
    const { phase, since, startupSeconds } = service;
    // What was being waited for is over where all is as it should be.
    const isWhole = phase === "serving" && service.workers.length >= options.workers;
    const detail = isWhole ? "" : service.detail;
    const paths = {
      startup: options.startupProbe,
      readiness: options.readinessProbe,
      liveness: options.livenessProbe,
    };
    const types = Object.keys(paths) as (keyof typeof paths)[];
    return {
      now: Date.now(),
      hostname: hostname(),
      version,
      runtime: `${runtime.name} ${runtime.version}`,
      ...this.#ended && phase !== "failed"
        ? { phase: "stopped", detail: "", since: Date.now() }
        : { phase, detail, since },
      url: startupSeconds === undefined ? undefined : service.url,
      startupSeconds,
      probes: types.map((type) => ({ type, path: paths[type], answer: journal.answer(type) })),
      queue: { ...this.#queue, limit: options.reqQueueLen },
      samples: this.#samples.all,
      counts: options.metrics !== false,
      workers: [
        ...service.workers.map((worker) => this.#shown(worker, "serving")),
        ...service.retiring.map((worker) => this.#shown(worker, "retiring")),
      ],
      wanted: options.workers,
      restarts: journal.restarts,
      happenings: journal.happenings,
      commands: journal.commands(this.#unfinished),
      webhooks: webhooks.receivers.map(({ url, pending, trouble, ended }) => ({
        ...{ url, pending, trouble },
        ...ended,
      })),
      messages: this.#shownMessages,
      reloading: options.autoreload,
      reloads: journal.reloads,
      log: journal.log,
    };
  }

  get #shownMessages(): ShownMessages | undefined {
    const { pump, options: { amqpUrl, amqpQueue } } = this.#sources;
    if (pump === undefined || amqpUrl === undefined) return undefined;
    const paths = new Map(amqpQueue.map(parseSubscription).map(({ queue, path }) => [queue, path]));
    return {
      broker: redactBroker(amqpUrl),
      obstacle: pump.obstacle,
      queues: this.#messages.map(({ queue, waiting, inFlight, fates }) => ({
        name: queue,
        path: paths.get(queue) ?? "",
        waiting,
        inFlight,
        rate: this.#rates.of(queue),
        ...fates,
      })),
    };
  }

  /** What has become of a command that has not come to a good end. */
  get #unfinished(): "running" | "failed" | "interrupted" {
    if (this.#sources.service.phase !== "starting") return "failed";
    return this.#ended ? "interrupted" : "running";
  }

  #shown(worker: Worker, state: "serving" | "retiring"): ShownWorker {
    const { answered, inFlight } = worker.snapshot;
    return {
      pid: worker.pid,
      state,
      since: this.#upSince.get(worker),
      memory: residentBytes(worker.pid),
      answered,
      inFlight,
      loopDelay: loopDelay(worker),
      adopted: worker.address.adopted,
    };
  }
}

function movedTo(location: string): Response {
  return new Response(null, { status: 308, headers: { Location: location } });
}

/** One of the files of the page. */
async function asset(path: string): Promise<Response> {
  const { assets, securely } = await import("../status/assets.ts");
  const { body, type } = assets[path]!;
  return securely(body, type);
}
