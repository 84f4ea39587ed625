/** What an author writes is checked by `scripts/test static`; here, that nothing is loaded with the types. */
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import type {
  BunInfo,
  Checks,
  DenoInfo,
  FetchFunction,
  Handler,
  HandlerModule,
} from "../src/handler_types.ts";
import { importGraph } from "../src/source/imports.ts";

const types = fileURLToPath(new URL("../src/handler_types.ts", import.meta.url));

/** What must be accepted. */
export const accepted = [
  { fetch: () => new Response("no argument") },
  { fetch: (_request: Request, info: DenoInfo) => new Response(info.remoteAddr.hostname) },
  { fetch: (_request: Request, server: BunInfo) => new Response(server.url.href) },
  { fetch: async (request) => await Promise.resolve(new Response(request.url)) },
  {
    fetch(request, info, context) {
      context.waitUntil(Promise.resolve());
      if ("remoteAddr" in info) return new Response(info.remoteAddr.hostname);
      if (info.upgrade(request)) return undefined;
      return new Response(info.requestIP(request)?.address);
    },
    websocket: { message() {} },
    idleTimeout: 10,
  },
  new Hono(),
] satisfies Handler[];

export const ofDeno = {
  fetch: (_request, info) => new Response(info.remoteAddr.transport),
} satisfies Handler<Deno.ServeHandlerInfo>;

export const ofBun = {
  fetch: (_request, server) => new Response(server.url.href),
} satisfies Handler<BunInfo>;

export const single = ((request) => new Response(request.url)) satisfies FetchFunction;

export const checks = {
  readiness: { database: (signal) => signal.throwIfAborted(), async later() {} },
} satisfies Checks;

export const module = {
  default: new Hono(),
  checks,
  onDrain() {},
  async onShutdown() {},
  whatever: 1,
} satisfies HandlerModule;

/** What must be refused. */
export const refused = [
  // @ts-expect-error: it is no function
  { fetch: "x" } satisfies Handler,
  // @ts-expect-error: text is no answer
  { fetch: () => "text" } satisfies Handler,
  // @ts-expect-error: there is no such field
  { fetch: () => new Response(), websockets: {} } satisfies Handler,
  // @ts-expect-error: nothing is called that
  { rediness: {} } satisfies Checks,
  // @ts-expect-error: a check is a function
  { readiness: { database: true } } satisfies Checks,
  // @ts-expect-error: it is called
  { onDrain: true } satisfies HandlerModule,
  // @ts-expect-error: nothing is called that
  { default: new Hono(), checks: { alive: {} } } satisfies HandlerModule,
];

/** What the runtimes give is what the types say. */
export const given: { deno: (info: Deno.ServeHandlerInfo<Deno.NetAddr>) => DenoInfo } = {
  deno: (info) => info,
};
test("they import nothing, and nothing of them is there when a handler runs", async () => {
  assertEquals(importGraph([types]).get(types), []);
  assertEquals(Object.keys(await import(types)), []);
  const { exports } = JSON.parse(readFileSync(new URL("../deno.json", import.meta.url), "utf8"));
  assertEquals(exports["./handler"], "./src/handler_types.ts");
});
