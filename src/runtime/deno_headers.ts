import { Request } from "../natives.ts";

/** A request as the object that it is. */
type Fields = Record<symbol, unknown>;

/** Where Deno keeps the `headers` of a request once somebody has asked for them, where that can be found. */
const kept = keptHeaders();

/**
 * Deno's part of `Runtime.headersOf`.
 *
 * Once a request has been asked for its `headers`, Deno 2.9 reads all of them before it sends the answer,
 * which goes by way of three promises then: a handler may look at them later. That takes a request of a
 * plain text a sixth of its time. So where nobody but Hurricane has asked, Deno is left as if nobody had.
 */
export function headersOf(request: Request): Headers {
  const isAsked = wasAsked(request);
  const { headers } = request;
  if (!isAsked) forget(request, headers, headers.get("host"));
  return headers;
}

/** One header of a request, as {@linkcode headersOf} has it. */
export function headerOf(request: Request, name: string): string | null {
  const isAsked = wasAsked(request);
  const { headers } = request;
  const value = headers.get(name);
  if (!isAsked) forget(request, headers, name === "host" ? value : headers.get("host"));
  return value;
}

/** Has somebody else asked for the headers of a request? So it is said where that cannot be known. */
function wasAsked(request: Request): boolean {
  return kept === undefined || (request as unknown as Fields)[kept] !== undefined;
}

/**
 * Has Deno forget that it was asked. Over HTTP/2, of which a `Host` is no part, that would spare nothing,
 * and all are read at once: Deno keeps them for no answer there.
 */
function forget(request: Request, headers: Headers, host: string | null): void {
  if (kept !== undefined && host !== null) (request as unknown as Fields)[kept] = undefined;
  // Unlike `get`, it reads all of them.
  else headers.has("host");
}

/** Nothing tells where it is, so it is known by what is in it, and by what becomes of it. */
function keptHeaders(): symbol | undefined {
  const request = new Request("http://localhost/", { headers: { "x-known": "yes" } });
  const fields = request as unknown as Fields;
  const { headers } = request;
  const found = Object.getOwnPropertySymbols(request).find((one) => fields[one] === headers);
  if (found === undefined) return undefined;
  fields[found] = undefined;
  const again = request.headers;
  return again !== headers && again.get("x-known") === "yes" ? found : undefined;
}
