/** Where OpenTelemetry's API keeps what is registered: Deno does that before any module, with `OTEL_DENO`. */
const registered = Symbol.for("opentelemetry.js.api.1");

/** The key of a context's span, in OpenTelemetry's API. */
const spanKey = Symbol.for("OpenTelemetry Context Key SPAN");

/** What of Deno's own spans is used here. */
interface Span {
  end(): void;
}

/**
 * Deno's part of `Runtime.traces`: https://docs.deno.com/runtime/fundamentals/open_telemetry/
 *
 * To be asked before anybody else registers something.
 */
export const traces: boolean = registered in globalThis;

/**
 * Deno's part of `Runtime.forgetSpan`. Deno asks nobody whether a request is worth a span, but sends only
 * what has ended.
 */
export function forgetSpan(): void {
  const context = Deno.telemetry.contextManager.active() as {
    getValue(key: symbol): unknown;
  };
  const span = context.getValue(spanKey) as Span | undefined;
  if (span !== undefined) span.end = () => {};
}
