import { logger } from "../log.ts";

const log = logger("probes");

/** How many may look at once: the probes' port has connections for so many, and for probes besides. */
export const mostViewers = 100;

/** After how many events that one has not read it is sent away. */
const patience = 30;

/** Somebody who looks. */
interface Viewer {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** How many events it has not been sent because it has yet to read those before. */
  missed: number;
}

/** What is sent, made once for all who look. */
export interface Update {
  /** What has changed since the last one. Also where nothing has: that says that there is somebody. */
  readonly changes: Uint8Array;
  /** Everything, for whoever comes, or has missed some. */
  whole(): Uint8Array;
}

/**
 * Those who look at the status page: an event stream each (Server-sent events,
 * https://html.spec.whatwg.org/multipage/server-sent-events.html).
 *
 * One that does not read is owed a single event, whatever it has missed: the next one that it is sent
 * has everything. After {@linkcode patience} events it is sent away.
 */
export class Viewers {
  readonly #viewers = new Set<Viewer>();
  readonly #came: () => void;

  /** @param came called when there is a first one */
  constructor(came: () => void = () => {}) {
    this.#came = came;
  }

  get count(): number {
    return this.#viewers.size;
  }

  /** The answer to somebody who wants to look: a stream that begins with everything. */
  welcome(whole: () => Uint8Array): Response {
    if (this.#viewers.size >= mostViewers) {
      const text = `${mostViewers} pages are open already: close one\n`;
      return new Response(text, { status: 503, headers: { "Retry-After": "5" } });
    }
    let viewer: Viewer;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        viewer = { controller, missed: 0 };
        this.#viewers.add(viewer);
        controller.enqueue(whole());
      },
      cancel: () => void this.#viewers.delete(viewer),
    }, { highWaterMark: 1 });
    if (this.#viewers.size === 1) this.#came();
    // Deno would compress it, and hold back what is too short to be worth a block.
    const headers = {
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-store, no-transform",
    };
    return new Response(stream, { headers });
  }

  /** Sends news to all who have read what came before. */
  send(update: Update): void {
    for (const viewer of this.#viewers) {
      const { controller } = viewer;
      if ((controller.desiredSize ?? 0) <= 0) {
        if (++viewer.missed > patience) this.#dismiss(viewer);
      } else if (viewer.missed > 0) {
        viewer.missed = 0;
        controller.enqueue(update.whole());
      } else controller.enqueue(update.changes);
    }
  }

  /** Sends the last there is to say, and ends all streams. */
  close(last: Uint8Array): void {
    for (const { controller } of this.#viewers) {
      controller.enqueue(last);
      controller.close();
    }
    this.#viewers.clear();
  }

  #dismiss(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    viewer.controller.error(new Error("it does not read what it is sent"));
    log.debug("a status page that does not read is sent away; open: {count}", {
      count: this.#viewers.size,
    });
  }
}

/** An event as it crosses: data in a line, as JSON is. One that is asked for again comes a second later. */
export function eventOf(data: unknown): string {
  return `retry: 1000\ndata: ${JSON.stringify(data)}\n\n`;
}
