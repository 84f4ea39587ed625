import type { App, Ask } from "../support/apps/app.ts";
import { testApp } from "../support/apps/conformance.ts";

const input = (value: unknown) => encodeURIComponent(JSON.stringify(value));
const json = { "Content-Type": "application/json" };

const requests: Ask[] = [
  { path: `/hello?input=${input({ name: "you" })}`, status: 200, has: "hello you" },
  { method: "POST", path: "/add", headers: json, body: '{"name":"ü"}', status: 200, has: "Ã¼" },
  {
    method: "POST",
    path: "/add",
    headers: json,
    body: ['{"name":"', "x".repeat(50_000), '"}'],
    status: 200,
  },
  {
    path: `/hello,fail?batch=1&input=${input({ 0: { name: "one" } })}`,
    status: 207,
    has: "thrown by a procedure",
  },
  { path: `/hello?input=${input({})}`, status: 400 },
  { method: "HEAD", path: "/hello", status: 204 },
  { path: "/fail", status: 500, has: "thrown by a procedure" },
  { path: "/teapot", status: 403, has: "not for you" },
  { path: "/nothing", status: 404 },
  {
    path: "/events",
    headers: { Accept: "text/event-stream" },
    status: 200,
    parts: ['data: "one"', 'data: "two"', 'data: "three"'],
  },
];

const common = {
  name: "trpc",
  packages: { "@trpc/server": "11.25.2", zod: "4.6.7" },
  runtimes: { bun: true, deno: true },
  requests,
  slow: "/slow",
} satisfies Partial<App>;

testApp({ ...common, variant: "standalone", entry: "standalone.ts" });

testApp({
  ...common,
  variant: "fetch",
  entry: { bun: "fetch_bun.ts", deno: "fetch_deno.ts" },
});
