import { type Context, Hono } from "hono";
import { accepts } from "hono/accepts";
import { logger } from "../log.ts";
import type { Exposition } from "../metrics/exposition.ts";
import type { ServiceOptions } from "../options/service_options.ts";
import { runtime } from "../runtime/mod.ts";
import type { ProbeType } from "../webhooks/payload.ts";
import { scrapeTimeoutHeader } from "../timeline.ts";
import type { Probes, Verdict } from "./probes.ts";

const log = logger("probes");

/** Where the probes and the metrics are found; `metrics` is `false` where there are none. */
export type ProbePaths = Pick<
  ServiceOptions,
  "startupProbe" | "readinessProbe" | "livenessProbe" | "metrics"
>;

/** What the probe server is made of. */
export interface ProbeServerOptions extends ProbePaths {
  probes: Probes;
  /** Renders the metrics for an `Accept` header, and for a {@linkcode scrapeTimeoutHeader}. */
  exposition(
    accept: string | undefined,
    scrapeTimeout: string | undefined,
  ): Promise<Exposition>;
  /** What answers a path of the status page, where there is one. */
  page?(path: string): (() => Promise<Response>) | undefined;
  /** Called with each answered probe, after its answer is made. */
  onAnswer(verdict: Verdict): void;
  logProbes: boolean;
  /** Does it answer on the handler's port, in its place? */
  inPlaceOfHandler: boolean;
}

/** Every path that the probe server answers. */
export function probePaths(paths: ProbePaths): string[] {
  const { startupProbe, readinessProbe, livenessProbe, metrics } = paths;
  return [startupProbe, readinessProbe, livenessProbe, ...(metrics === false ? [] : [metrics])];
}

/**
 * The HTTP side of the probes: plain text, or JSON where `Accept` asks for it; 405 for other
 * methods than GET, HEAD and POST, 400 where the `Host` is none.
 */
export function probeServer(
  options: ProbeServerOptions,
): (request: Request) => Promise<Response> {
  const types = new Map<string, ProbeType>([
    [options.startupProbe, "startup"],
    [options.readinessProbe, "readiness"],
    [options.livenessProbe, "liveness"],
  ]);

  async function answer(context: Context): Promise<Response> {
    const path = withoutSlash(context.req.path);
    const type = types.get(path);
    context.header("Cache-Control", "no-store");
    const isProbes = type !== undefined || path === options.metrics;
    const page = isProbes ? undefined : options.page?.(context.req.path);
    if (page !== undefined) return await shown(context, page);
    if (!isProbes && options.inPlaceOfHandler) {
      return context.text("the handler is not up\n", 503, { "Retry-After": "1" });
    }
    if (!isProbes) {
      const paths = [...options.page === undefined ? [] : ["/"], ...probePaths(options)];
      return context.text(`nothing is here; there are ${paths.join(", ")}\n`, 404);
    }
    if (!["GET", "HEAD", "POST"].includes(context.req.method)) {
      return context.text("use GET, HEAD or POST\n", 405, { Allow: "GET, HEAD, POST" });
    }
    if (type === undefined) {
      const { contentType, body } = await options.exposition(
        context.req.header("accept"),
        context.req.header(scrapeTimeoutHeader),
      );
      return context.body(body, 200, { "Content-Type": contentType });
    }
    const verdict = await options.probes.ask(type);
    const response = render(context, verdict);
    options.onAnswer(verdict);
    if (options.logProbes) {
      const { status, message } = verdict;
      log.info("{method} {path} {status} {verdict}", {
        method: context.req.method,
        path: context.req.path,
        status,
        verdict: message,
      });
    }
    return response;
  }

  const app = new Hono();
  app.all("*", async (context) => {
    const response = await answer(context);
    return context.req.method === "HEAD" ? await headOf(response) : response;
  });
  app.onError((error, context) => {
    log.error("{path} failed: {error}", {
      path: context.req.path,
      error: error.message,
      stack: error.stack,
    });
    return context.text("Internal Server Error\n", 500);
  });
  return async (request) =>
    runtime.misaddressed(request) === undefined
      ? await app.fetch(withHost(request))
      : new Response("Bad Request: what the Host header says is no host\n", { status: 400 });
}

/**
 * A request with an absolute URL, which Hono needs. On Bun that of a client that sends no `Host` (HTTP
 * 1.0 allows it) is the path alone.
 */
function withHost(request: Request): Request {
  const { url, method, headers } = request;
  return url.startsWith("/") ? new Request(`http://localhost${url}`, { method, headers }) : request;
}

/** The status page's answer. */
async function shown(context: Context, page: () => Promise<Response>): Promise<Response> {
  const { method } = context.req;
  return method === "GET" || method === "HEAD"
    ? await page()
    : context.text("use GET or HEAD\n", 405, { Allow: "GET, HEAD" });
}

/**
 * What HEAD gets of an answer: its head, with the length that GET would be told. Without one the runtime
 * says 0, which is not allowed: RFC 9110 §8.6.
 */
async function headOf(response: Response): Promise<Response> {
  if (response.body === null) return response;
  if (response.headers.get("content-type") === "text/event-stream") {
    // It has no end, and so no length.
    await response.body.cancel();
    return new Response(null, response);
  }
  const { byteLength } = await response.arrayBuffer();
  const head = new Response(null, response);
  head.headers.set("Content-Length", String(byteLength));
  return head;
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

function render(context: Context, verdict: Verdict): Response {
  const supports = ["text/plain", "application/json"];
  const type = accepts(context, { header: "Accept", supports, default: "text/plain" });
  const { status, message } = verdict;
  if (type === "text/plain") return context.text(`${message}\n`, status);
  return context.json({
    status: status === 200 ? "succeeded" : "failed",
    type: verdict.type,
    message,
    ...(verdict.queue && { queue: verdict.queue }),
    ...(verdict.checks && { checks: verdict.checks.map(({ trace: _kept, ...shown }) => shown) }),
  }, status);
}
