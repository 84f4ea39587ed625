/**
 * The answer to a scrape, in the Prometheus text format or in OpenMetrics.
 *
 * @module
 */
import { parseAccept } from "hono/utils/accept";
import { Turns } from "../turns.ts";
import { familyOf, type MetricsInput, ownMetrics } from "./catalogue.ts";
import { withoutClashes } from "./clashes.ts";
import type { Family } from "./family.ts";
import { type Merged, merged, samplesAtOnce } from "./merged.ts";
import { openMetricsHead, withCanonicalBounds } from "./openmetrics.ts";
import type { SteadySums } from "./steady.ts";

export type { MetricsInput };

/** The answer to a scrape. */
export interface Exposition {
  contentType: string;
  body: Uint8Array<ArrayBuffer>;
}

/**
 * Writes out Hurricane's metrics and the handler's, these summed over the workers (or whatever each
 * metric's `aggregator` says). Where a name of the handler's is one of Hurricane's, Hurricane's wins.
 *
 * @param accept the request's `Accept`: OpenMetrics 1.0 where it asks for that first, otherwise the
 * Prometheus text format 0.0.4
 * @param steady knows what was shown before
 *
 * @example
 * ```ts
 * import { exposition, type MetricsInput } from "./exposition.ts";
 *
 * async function answer(request: Request, input: MetricsInput): Promise<Response> {
 *   const accept = request.headers.get("accept") ?? undefined;
 *   const { contentType, body } = await exposition(input, accept);
 *   return new Response(body, { headers: { "content-type": contentType } });
 * }
 * ```
 */
export async function exposition(
  input: MetricsInput,
  accept: string | undefined,
  steady?: SteadySums,
): Promise<Exposition> {
  const turns = new Turns();
  const own = ownMetrics(input).map(familyOf);
  const sets = withoutClashes(own, input.custom.map(withSamples));
  const names = new Set([...withSamples(own), ...sets.flat()].map(({ name }) => name));
  const openMetrics = prefersOpenMetrics(accept);
  const round = steady?.begin();
  const text = new Text();

  async function write({ family, several }: Merged): Promise<void> {
    const { type, samples } = family;
    const head = openMetrics ? openMetricsHead(family, names) : family;
    if (text.length > 0 && !openMetrics) text.add("\n");
    text.add(
      `# HELP ${head.name} ${escapedHelp(head.help)}\n# TYPE ${head.name} ${head.type}\n`,
    );
    // What is no sum cannot fall by rounding.
    const steadying = several && type !== "gauge" ? round : undefined;
    let lines = "";
    let written = 0;
    const push = (): void => text.add(openMetrics ? withCanonicalBounds(lines, type) : lines);
    for (const [series, value] of samples) {
      const shown = steadying === undefined ? value : steadying.keep(series, value);
      lines += `${series} ${valueText(shown)}\n`;
      if (++written % samplesAtOnce > 0) continue;
      push();
      lines = "";
      await turns.pass();
    }
    push();
  }

  // Hurricane's are sums over the workers, too.
  for (const family of withSamples(own)) await write({ family, several: true });
  for await (const one of merged(sets, turns)) await write(one);
  round?.end();
  if (openMetrics) text.add(lastLine);
  return {
    contentType: openMetrics
      ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
      : "text/plain; version=0.0.4; charset=utf-8",
    body: text.bytes,
  };
}

/** How an exposition in OpenMetrics ends. */
const lastLine = "# EOF\n";

/**
 * The first of the accepted types that there is, by weight and then by order, as Prometheus' own
 * client libraries choose. A wildcard means the older format, which everything reads.
 */
function prefersOpenMetrics(accept: string | undefined): boolean {
  for (const { type, params, q } of parseAccept(accept ?? "")) {
    if (q === 0) continue;
    const version = params["version"];
    switch (type.toLowerCase()) {
      case "application/openmetrics-text":
        if (version === undefined || version === "1.0.0") return true;
        break;
      case "text/plain":
        if (version === undefined || version === "0.0.4") return false;
        break;
      case "text/*":
      case "*/*":
        return false;
    }
  }
  return false;
}

/**
 * A text that becomes bytes piece by piece: as one string, to put it together and to send it would hold the
 * event loop.
 */
class Text {
  readonly #pieces: Uint8Array[] = [];
  readonly #encoder = new TextEncoder();
  length = 0;

  add(text: string): void {
    const piece = this.#encoder.encode(text);
    this.#pieces.push(piece);
    this.length += piece.length;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.length);
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }
}

function escapedHelp(help: string): string {
  return help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function valueText(value: number): string {
  if (Number.isFinite(value)) return `${value}`;
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}

function withSamples(families: readonly Family[]): Family[] {
  return families.filter(({ samples }) => samples.size > 0);
}
