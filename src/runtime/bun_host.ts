import { isHost } from "../request_head.ts";

/**
 * Bun's part of `Runtime.misaddressed`. Bun 1.4 gives the request target alone as the URL where the `Host`
 * is none, or missing, as HTTP/1.0 allows; of several it takes the first.
 */
export function misaddressed(request: Request): string | undefined {
  const { url } = request;
  if (!url.startsWith("/")) return undefined;
  const host = request.headers.get("host");
  return host === null || isHost(host) ? undefined : url;
}
