import { Request } from "../natives.ts";

/** What Deno makes a request of, as far as it is needed here. */
interface Inner {
  header?(name: string): string | null;
}

/** A request as the object that it is. */
type Fields = Record<symbol, unknown>;

/** Where Deno keeps the `headers` of a request once somebody has asked for them, where that can be found. */
const kept = keptHeaders();

/** Where it keeps what has the headers: `undefined` as long as none was seen, `null` where it cannot be found. */
let inside: symbol | null | undefined;

/**
 * A header of a request that is being served.
 *
 * Once a request has been asked for its `headers`, Deno 2.9 reads all of them before it sends the answer,
 * which goes by way of three promises then: a handler may look at them later. That takes a request of a
 * plain text a sixth of its time. So what has the headers is asked itself, where that can be found.
 */
export function headerOf(request: Request, name: string): string | null {
  if (inside === undefined) inside = keptInside(request);
  const inner = inside === null ? undefined : innerOf(request, inside);
  // A copy of a request is made of something else.
  return inner?.header === undefined ? request.headers.get(name) : inner.header(name);
}

/**
 * Deno's part of `Runtime.headersOf`: where nobody but Hurricane has asked for them, Deno is left as if
 * nobody had.
 *
 * Over HTTP/2, of which a `Host` is no part, that would spare nothing, and all are read at once: Deno keeps
 * them for no answer there.
 */
export function headersOf(request: Request): Headers {
  const fields = request as unknown as Fields;
  if (kept === undefined || fields[kept] !== undefined) return request.headers;
  const { headers } = request;
  if (headers.get("host") !== null) fields[kept] = undefined;
  // Unlike `get`, it reads all of them.
  else headers.has("host");
  return headers;
}

function innerOf(request: Request, place: symbol): Inner | undefined {
  return (request as unknown as Record<symbol, Inner | undefined>)[place];
}

/** Nothing tells where it is, so it is known by what it can do. */
function keptInside(request: Request): symbol | null {
  const places = Object.getOwnPropertySymbols(request);
  return places.find((one) => typeof innerOf(request, one)?.header === "function") ?? null;
}

/** Nor does anything here: it is known by what is in it, and by what becomes of it. */
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
