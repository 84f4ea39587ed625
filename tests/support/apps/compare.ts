/**
 * The same requests to two servers of one application.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { assert, assertEquals } from "@std/assert";
import type { App, Ask, Target } from "./app.ts";
import type { Reply, Wire } from "./wire.ts";

/** Sends all requests of an application to both, and throws where the answers are not the same. */
export async function assertSameAnswers(app: App, bare: Target, other: Target): Promise<void> {
  const [first, second] = [new Client(bare, app), new Client(other, app)];
  const differing: Record<string, unknown> = {};
  for (const ask of app.requests) {
    const expected = await first.ask(ask);
    assertKnown(ask, expected);
    const actual = await second.ask(ask).catch(String);
    if (ask.unlike !== undefined && typeof actual !== "string") {
      assertEquals(statusOf(actual), statusOf(expected), nameOf(ask));
    } else if (!same(expected, actual)) differing[nameOf(ask)] = difference(expected, actual);
  }
  assertEquals(differing, {});
  assertEquals(second.connections, first.connections, "how often a connection was closed");
}

/** What only one of two answers has, line by line; all of both where that is nothing but their order. */
function difference(bare: Reply, other: Reply | string): unknown {
  if (typeof other === "string") return other;
  const [one, two] = [bare, other].map((
    { head, body, trailers },
  ) => [...head, shortened(body), ...trailers]);
  const [less, more] = [one, two].map((lines, index) =>
    lines?.filter((line) => ![two, one][index]?.includes(line))
  );
  return less?.length === 0 && more?.length === 0
    ? { bare: one, other: two }
    : { bare: less, other: more };
}

/** Asks one request after the other, on one connection as long as it is kept. */
export class Client {
  /** How many connections it took. */
  connections = 0;
  readonly #target: Target;
  readonly #app: App;
  #wire: Wire | undefined;

  constructor(target: Target, app: App) {
    this.#target = target;
    this.#app = app;
  }

  /** The answer, without what is never the same twice. */
  async ask(ask: Ask): Promise<Reply> {
    if (this.#wire?.kept !== true) {
      this.#wire?.close();
      this.#wire = await this.#target.connect();
      this.connections++;
    }
    const { parts = [] } = ask;
    const { varies = [], anyCase } = this.#app;
    let [come, read] = [0, 0];
    const reply = await this.#wire.ask(ask, (body) => {
      for (;;) {
        const part = parts[come];
        const start = part === undefined ? -1 : body.indexOf(part, read);
        if (part === undefined || start < 0) return;
        read = start + part.length;
        come++;
        if (come < parts.length) this.#target.take(`${ask.path}#${come}`);
      }
    }).catch((error) => {
      this.#wire?.close();
      this.#wire = undefined;
      throw error;
    });
    if (come < parts.length) throw new Error(`${nameOf(ask)}: ${parts[come]} did not come`);
    const plain = (text: string) =>
      varies.reduce((shown, pattern) => shown.replaceAll(pattern, "…"), text);
    return {
      head: reply.head.filter((line) => !/^date:/i.test(line)).map(plain)
        // It is `--idle-timeout` that decides, which is longer than Node's own.
        .map((line) => line.replace(/^(keep-alive: timeout=)\d+$/i, "$1…"))
        .map((line) =>
          anyCase === undefined ? line : line.replace(/^[\w-]+(?=:)/, (name) => name.toLowerCase())
        ),
      body: plain(reply.body),
      trailers: reply.trailers.map(plain),
    };
  }
}

/** A long text by its length and its hash: no failure shows all of it. */
export function shortened(body: string): string {
  if (body.length <= 2000) return body;
  return `${body.length} bytes: ${createHash("sha256").update(body, "latin1").digest("hex")}`;
}

function nameOf({ method = "GET", path, body }: Ask): string {
  return `${method} ${path}${Array.isArray(body) ? ", in chunks" : ""}`;
}

/** Have both the same fields, in the same order? */
export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function assertKnown(ask: Ask, { head, body }: Reply): void {
  const shown = `${nameOf(ask)}, by itself: ${head.join("\n")}\n${body.slice(0, 2000)}`;
  assertEquals(statusOf({ head }), String(ask.status), shown);
  assert(body.includes(ask.has ?? ""), shown);
}

function statusOf({ head }: Pick<Reply, "head">): string | undefined {
  return head.findLast((line) => line.startsWith("HTTP/"))?.split(" ")[1];
}
