import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from "node:http";

/** What `writeHead` is called with: https://nodejs.org/api/http.html#responsewriteheadstatuscode-statusmessage-headers */
export type HeadArguments = [status: number, reason?: unknown, headers?: unknown];

/** Is the connection closed after a response, as far as that is known before it ends? */
export function closesAfter(res: ServerResponse): boolean {
  if (!res.shouldKeepAlive) return true;
  // What node:http has read in the head that it wrote.
  if ((res as { _last?: boolean })._last) return true;
  return isClose(res.req.headers.connection) || isClose(res.getHeader("connection"));
}

function isClose(connection: OutgoingHttpHeader | undefined): boolean {
  return connection !== undefined && /\bclose\b/i.test(String(connection));
}

/** Has a head ask for another connection next time, whatever it says of the connection itself. */
export function closingHead(
  res: ServerResponse,
  [status, reason, headers]: HeadArguments,
): HeadArguments {
  res.shouldKeepAlive = false;
  res.setHeader("connection", "close");
  return typeof reason === "string"
    ? [status, reason, withoutConnection(headers)]
    : [status, withoutConnection(headers ?? reason)];
}

function withoutConnection(headers: unknown): unknown {
  if (!Array.isArray(headers)) {
    if (typeof headers !== "object" || headers === null) return headers;
    return Object.fromEntries(
      Object.entries(headers as OutgoingHttpHeaders).filter(([name]) => !isConnection(name)),
    );
  }
  // A list of pairs, or names and values in turn.
  const list = headers as (OutgoingHttpHeader | [string, OutgoingHttpHeader])[];
  return Array.isArray(list[0])
    ? list.filter((pair) => !isConnection((pair as [string])[0]))
    : list.filter((_, index) => !isConnection(String(list[index - index % 2])));
}

function isConnection(name: string): boolean {
  return name.toLowerCase() === "connection";
}
