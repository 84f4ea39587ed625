/**
 * What the page consists of besides its HTML, and how all of it is sent.
 *
 * @module
 */
import { statusPaths } from "./paths.ts";
import { script } from "./script.ts";
import { icon, style } from "./style.ts";

/** Each file by its path. */
export const assets: Readonly<Record<string, { body: string; type: string }>> = {
  [statusPaths.script]: { body: script, type: "text/javascript; charset=utf-8" },
  [statusPaths.style]: { body: style, type: "text/css; charset=utf-8" },
  [statusPaths.icon]: { body: icon, type: "image/svg+xml" },
};

/**
 * Nothing but the page's own files, and nobody may frame it (https://www.w3.org/TR/CSP3/): even if
 * something that it shows were not escaped, nothing would run.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** An answer that no page elsewhere can use. */
export function securely(body: string, type: string): Response {
  return new Response(body, {
    headers: {
      "Content-Type": type,
      "Content-Security-Policy": policy,
      "Cross-Origin-Resource-Policy": "same-origin",
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
      "Cache-Control": "no-store",
    },
  });
}
