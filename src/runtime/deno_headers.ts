/** What Deno makes a request of, as far as it is needed here. */
interface Inner {
  header?(name: string): string | null;
}

type Fields = Record<symbol, Inner | undefined>;

/** Where a request keeps it: `undefined` as long as none was seen, `null` where it cannot be found. */
let kept: symbol | null | undefined;

/**
 * A header of a request that is being served.
 *
 * Once a request has been asked for its `headers`, Deno 2.9 reads all of them before it sends the answer,
 * which goes by way of three promises then: a handler may look at them later. That takes a request of a
 * plain text a sixth of its time. So what has the headers is asked itself, where that can be found.
 */
export function headerOf(request: Request, name: string): string | null {
  if (kept === undefined) kept = keptBy(request);
  const inner = kept === null ? undefined : (request as unknown as Fields)[kept];
  // A copy of a request is made of something else.
  return inner?.header === undefined ? request.headers.get(name) : inner.header(name);
}

/** Nothing tells where it is, so it is known by what it can do. */
function keptBy(request: Request): symbol | null {
  const fields = request as unknown as Fields;
  const symbols = Object.getOwnPropertySymbols(request);
  return symbols.find((one) => typeof fields[one]?.header === "function") ?? null;
}
