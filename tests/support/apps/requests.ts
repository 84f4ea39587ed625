/**
 * Requests that most applications of the suite are asked.
 *
 * @module
 */
import type { Ask } from "./app.ts";

/** Each kind of request once; an application that has one of them elsewhere replaces it. */
export const usual: Record<string, Ask> = {
  json: { path: "/", status: 200, has: '"hello"' },
  head: { method: "HEAD", path: "/", status: 200 },
  post: {
    method: "POST",
    path: "/echo",
    headers: { "Content-Type": "application/json" },
    body: '{"name":"ü"}',
    status: 201,
    has: '{"name":"Ã¼"}',
  },
  who: { path: "/who", headers: { "X-Forwarded-For": "192.0.2.7" }, status: 200, has: "app.test" },
  cookies: { path: "/cookies", headers: { Cookie: "a=1; b=2" }, status: 303 },
  upload: { method: "POST", path: "/upload", body: "0123456789".repeat(200_000), status: 200 },
  chunkedUpload: {
    method: "POST",
    path: "/upload",
    body: ["one", "two", "three".repeat(10_000)],
    status: 200,
    has: "50006 ",
  },
  large: { path: "/large", status: 200 },
  stream: {
    path: "/stream",
    headers: { Accept: "text/event-stream" },
    status: 200,
    parts: ["data: one\n\n", "data: two\n\n", "data: three\n\n"],
  },
  notFound: { path: "/nowhere?a=1", status: 404 },
  error: { path: "/throw", status: 500 },
};

/** The same requests, with uploads of a type that no framework reads by itself. */
export function octets(requests: Readonly<Record<string, Ask>>): Record<string, Ask> {
  const headers = { "Content-Type": "application/octet-stream" };
  return Object.fromEntries(
    Object.entries(requests).map((
      [name, ask],
    ) => [name, ask.path === "/upload" ? { ...ask, headers } : ask]),
  );
}
