import { Response } from "../natives.ts";

/** A response as the object that it is. */
type Fields = Record<symbol, unknown>;

/** Where Deno keeps what is looked at here, where that can be found. */
const found = find();

/**
 * Deno's part of `Runtime.untouched`. Deno 2.9 makes the body of a text, and its headers, when they are
 * first asked for: with `bodyUsed`, too. That takes ten times as long as to see that nobody has asked yet.
 */
export function untouched(answer: unknown): boolean {
  if (found === undefined) return false;
  const fields = answer as Fields | null | undefined;
  return typeof fields?.[found.text] === "string" && fields[found.sent] === false;
}

/** Nothing tells where it is, so it is known by what is in it, and by what becomes of it. */
function find(): { text: symbol; sent: symbol } | undefined {
  const response = new Response("known");
  const fields = response as unknown as Fields;
  const symbols = Object.getOwnPropertySymbols(response);
  const texts = symbols.filter((one) => fields[one] === "known");
  const [sent, ...others] = symbols.filter((one) => fields[one] === false);
  void response.bodyUsed;
  const [text, ...more] = texts.filter((one) => fields[one] === null);
  if (text === undefined || sent === undefined || others.length + more.length > 0) return undefined;
  // One that has been sent is still a text, and says of itself that it was used.
  const again = new Response("known");
  (again as unknown as Fields)[sent] = true;
  const named = new Response("known");
  named.headers.set("content-length", "5");
  const isTold = (named as unknown as Fields)[text] === null;
  return again.bodyUsed && isTold ? { text, sent } : undefined;
}
