/**
 * Requests to the sites that frameworks build: pages, routes of an API, files.
 *
 * @module
 */
import type { Ask } from "./app.ts";

/** Each kind of request once; a site that has one of them otherwise replaces it. */
export const site: Record<string, Ask> = {
  page: { path: "/?name=Ada", status: 200, has: "Ada" },
  head: { method: "HEAD", path: "/?name=Ada", status: 200 },
  compressed: { path: "/?name=Ada", headers: { "Accept-Encoding": "gzip" }, status: 200 },
  api: { path: "/api/greeting?name=Ada", status: 200, has: '{"greeting":"Hello, Ada"}' },
  post: {
    method: "POST",
    path: "/api/greeting",
    headers: { "Content-Type": "application/json" },
    body: '{"name":"ü"}',
    status: 201,
    has: '{"greeting":"Hello, Ã¼"}',
  },
  chunkedPost: {
    method: "POST",
    path: "/api/greeting",
    headers: { "Content-Type": "application/json" },
    body: ['{"na', 'me":', '"Ada"}'],
    status: 201,
    has: '{"greeting":"Hello, Ada"}',
  },
  upload: {
    method: "POST",
    path: "/api/upload",
    headers: { "Content-Type": "application/octet-stream" },
    body: "0123456789".repeat(40_000),
    status: 200,
    has: "400000",
  },
  cookies: {
    method: "POST",
    path: "/api/session",
    headers: { "Content-Type": "application/json" },
    body: "{}",
    status: 303,
  },
  stream: {
    path: "/api/stream",
    headers: { "Accept": "text/event-stream" },
    status: 200,
    parts: ["data: one\n\n", "data: two\n\n", "data: three\n\n"],
  },
  file: { path: "/asset.txt", status: 200, has: "a file that is served as it is" },
  notFound: { path: "/nowhere", status: 404 },
  error: { path: "/api/error", status: 500 },
};

/**
 * Its environment: an address that it cannot listen on does not matter, for Hurricane listens. Kubernetes
 * sets `HOSTNAME`.
 */
export const production = {
  env: { NODE_ENV: "production", HOST: "pod.invalid", HOSTNAME: "pod.invalid" },
  bareEnv: { HOST: "localhost", HOSTNAME: "localhost" },
};

/** Answered when its step is taken. */
export const slow = "/api/slow";
