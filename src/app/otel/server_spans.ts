import type { IncomingMessage } from "node:http";
import {
  type Attributes,
  type Context,
  context as contexts,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { getRPCMetadata, RPCType, setRPCMetadata } from "@opentelemetry/core";
import { describe } from "../../errors.ts";
import { clientClosedRequest } from "../answers.ts";
import { headAttributes, routeAttribute, spanName } from "./attributes.ts";
import type { TrustedProxies } from "../trusted_proxies.ts";
import type { RequestHead, Traces } from "./traces.ts";

/** A request without its end. */
interface Open {
  span: Span;
  context: Context;
  method: string;
  route: string | undefined;
  /** What the handler has thrown. */
  exception: { name: string } | undefined;
}

/** Requests as spans of the kind "server". */
export class ServerSpans implements Traces {
  readonly #tracer: Tracer;
  readonly #flush: (timeout: number) => Promise<void>;
  readonly #proxies: TrustedProxies | undefined;
  readonly #open = new WeakMap<object, Open>();

  /**
   * @param flush sends what is left, as in {@linkcode Traces.close}
   * @param proxies those whose word is taken for who the client is
   */
  constructor(
    tracer: Tracer,
    flush: (timeout: number) => Promise<void>,
    proxies?: TrustedProxies,
  ) {
    this.#proxies = proxies;
    this.#tracer = tracer;
    this.#flush = flush;
  }

  begin(request: object, head: RequestHead): void {
    const { method, route } = head;
    const caller = propagation.extract(ROOT_CONTEXT, head, getter);
    const options = { kind: SpanKind.SERVER, attributes: headAttributes(head, this.#proxies) };
    const span = this.#tracer.startSpan(spanName(method, route), options, caller);
    // Instrumentations of frameworks write the route there that they have chosen.
    const context = setRPCMetadata(trace.setSpan(caller, span), { type: RPCType.HTTP, span });
    this.#open.set(request, { span, context, method, route, exception: undefined });
  }

  within<Arguments extends unknown[], Result>(
    request: object,
    call: (...args: Arguments) => Result,
    ...args: Arguments
  ): Result {
    const open = this.#open.get(request);
    if (open === undefined) return call(...args);
    return contexts.with(
      open.context,
      call as (...args: Arguments) => ReturnType<typeof call>,
      undefined,
      ...args,
    );
  }

  bind(request: IncomingMessage, emitter: object): void {
    const open = this.#open.get(request);
    if (open !== undefined) contexts.bind(open.context, emitter);
  }

  thrown(request: object, error: unknown): void {
    const open = this.#open.get(request);
    if (open === undefined) return;
    open.exception = exceptionOf(error);
    open.span.recordException(open.exception);
  }

  end(request: object, status: number, known?: string): void {
    const open = this.#open.get(request);
    if (open === undefined) return;
    this.#open.delete(request);
    const { span, context, method, exception } = open;
    if (!span.isRecording()) return span.end();
    const route = open.route ?? known ?? getRPCMetadata(context)?.route ?? ownRoute(span);
    if (route !== undefined) {
      span.setAttribute(routeAttribute, route);
      span.updateName(spanName(method, route));
    }
    span.setAttributes(outcome(status, exception));
    if (status >= 500 || status === clientClosedRequest) {
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
  }

  close(timeout: number): Promise<void> {
    return this.#flush(timeout);
  }
}

const getter: TextMapGetter<RequestHead> = {
  get: (head, name) => head.header(name),
  // No propagator that is known here looks for names.
  keys: () => [],
};

/** The route that the handler has written into the span. */
function ownRoute(span: Span): string | undefined {
  const route = (span as { attributes?: Attributes }).attributes?.[routeAttribute];
  return typeof route === "string" ? route : undefined;
}

/** What of an error can be read: anything can be thrown. */
function exceptionOf(error: unknown): { name: string; message: string; stack?: string } {
  try {
    if (error instanceof Error) {
      const { name, message, stack } = error;
      return { name: String(name), message: String(message), ...(stack && { stack }) };
    }
  } catch {
    // Its getters throw: that is described as well.
  }
  return { name: typeof error, message: describe(error) };
}

/** A client that has left was sent no status. */
function outcome(status: number, exception: { name: string } | undefined): Attributes {
  if (status === clientClosedRequest) return { "error.type": "client_closed_request" };
  const sent = { "http.response.status_code": status };
  return status < 500 ? sent : { ...sent, "error.type": exception?.name ?? String(status) };
}
