import { Request } from "../natives.ts";

/** A request as the object that it is. */
type Fields = Record<symbol, unknown>;

/** Where Deno keeps the `headers` of a request once somebody has asked for them, where that can be found. */
const kept = keptHeaders();

/**
 * A header of a request.
 *
 * Once a request has been asked for its `headers`, Deno 2.9 reads all of them before it sends the answer,
 * which goes by way of three promises then: a handler may look at them later. That takes a request of a
 * plain text a sixth of its time. So where nobody but Hurricane has asked, Deno is left as if nobody had.
 * Over HTTP/2, of which a `Host` is no part, that would spare nothing, and all are read at once: Deno keeps
 * them for no answer there.
 */
export function headerOf(request: Request, name: string): string | null {
  const fields = request as unknown as Fields;
  if (kept === undefined || fields[kept] !== undefined) return request.headers.get(name);
  const { headers } = request;
  const value = headers.get(name);
  const host = name === "host" ? value : headers.get("host");
  if (host !== null) fields[kept] = undefined;
  // Unlike `get`, it reads all of them.
  else headers.has(name);
  return value;
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
