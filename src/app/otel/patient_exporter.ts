import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { ExportResultCode } from "@opentelemetry/core";
import { logger } from "../../log.ts";
import { describe } from "../../errors.ts";
import { performance, Promise } from "../../natives.ts";

const log = logger("otel");

/** How long spans are not sent after the first failure, and at most, in milliseconds. */
const [shortestPause, longestPause] = [5_000, 60_000];

type Done = Parameters<SpanExporter["export"]>[1];

/**
 * An exporter that leaves a collector alone which cannot be reached: what comes meanwhile is dropped, and
 * the pauses grow. That is said once, and so is its end.
 */
export class PatientExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #url: string;
  readonly #now: () => number;
  #pause = 0;
  #until = -Infinity;
  #dropped = 0;

  /** @param url where it sends, for the log */
  constructor(exporter: SpanExporter, url: string, now = () => performance.now()) {
    this.#exporter = exporter;
    this.#url = url;
    this.#now = now;
  }

  export(spans: ReadableSpan[], done: Done): void {
    if (this.#now() < this.#until) {
      this.#dropped += spans.length;
      // All there is to say of it has been said.
      return done({ code: ExportResultCode.SUCCESS });
    }
    this.#exporter.export(spans, (result) => {
      if (result.code === ExportResultCode.SUCCESS) this.#sent();
      else this.#failed(spans.length, result.error);
      done({ code: ExportResultCode.SUCCESS });
    });
  }

  #sent(): void {
    if (this.#pause === 0) return;
    log.info("spans are sent to {url} again; dropped until then: {dropped}", {
      url: this.#url,
      dropped: this.#dropped,
    });
    this.#pause = 0;
    this.#dropped = 0;
  }

  #failed(count: number, error: Error | undefined): void {
    if (this.#pause === 0) {
      log.warn("spans cannot be sent to {url}, and are dropped until they can: {error}", {
        url: this.#url,
        error: describe(error),
      });
    }
    this.#dropped += count;
    this.#pause = Math.min(Math.max(2 * this.#pause, shortestPause), longestPause);
    this.#until = this.#now() + this.#pause;
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush?.() ?? Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }
}
