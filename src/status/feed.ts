import type { StatusModel } from "./model.ts";
import { type Rendered, renderPage, renderSections } from "./page.tsx";
import { eventOf, type Update, Viewers } from "./viewers.ts";

const encoder = new TextEncoder();

/**
 * The page and its news, made of models. What is rendered is rendered once, however many look.
 *
 * Loaded when somebody looks for the first time: nothing else needs what renders HTML.
 */
export class Feed {
  readonly viewers = new Viewers();
  readonly #model: () => StatusModel;
  #last: Rendered = {};

  constructor(model: () => StatusModel) {
    this.#model = model;
  }

  /** The whole page, as it is now. */
  page(): string {
    return renderPage(this.#model());
  }

  /** All that there is to say now as a single event, for whoever cannot be sent more. */
  event(): string {
    return eventOf(renderSections(this.#model()));
  }

  /** The answer to who wants to be sent news. */
  welcome(): Response {
    return this.viewers.welcome(() => encoder.encode(this.event()));
  }

  /** Sends what has changed, if anybody looks. */
  send(): void {
    if (this.viewers.count > 0) this.viewers.send(this.#update());
  }

  /** Sends how it ends, and ends all streams. */
  close(): void {
    this.viewers.close(this.#update().whole());
  }

  #update(): Update {
    const [before, now] = [this.#last, renderSections(this.#model())];
    this.#last = now;
    const changed = Object.entries(now).filter(([name, html]) => before[name] !== html);
    let whole: Uint8Array | undefined;
    return {
      changes: encoder.encode(eventOf(Object.fromEntries(changed))),
      whole: () => whole ??= encoder.encode(eventOf(now)),
    };
  }
}
