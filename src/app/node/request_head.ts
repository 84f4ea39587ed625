import type { IncomingMessage } from "node:http";
import { targetOf } from "../../request_head.ts";
import type { RequestHead } from "../otel/traces.ts";

/** What a span says of a request that comes in. */
export function requestHead(req: IncomingMessage, secure: boolean): RequestHead {
  return {
    method: req.method ?? "GET",
    target: targetOf(req.url ?? ""),
    scheme: secure ? "https" : "http",
    peer: req.socket?.remoteAddress,
    route: undefined,
    header: (name) => {
      const value = req.headers[name];
      return typeof value === "object" ? value.join(",") : value;
    },
  };
}

/** Express writes into a request which of its routes has taken it. */
export function routeOf(req: IncomingMessage): string | undefined {
  const { route, baseUrl = "" } = req as { route?: { path?: unknown }; baseUrl?: string };
  return typeof route?.path === "string" ? `${baseUrl}${route.path}` : undefined;
}
