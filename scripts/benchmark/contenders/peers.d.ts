/**
 * What the contenders use of packages that are not among Hurricane's: `scripts/bench` installs them
 * into `.tools/bench`, and their own types are there only then.
 */

declare module "srvx" {
  type Fetch = (request: Request) => Response | Promise<Response>;
  export function serve(options: {
    fetch: Fetch;
    port: number;
    hostname: string;
    silent: boolean;
    middleware?: ((request: Request, next: () => unknown) => Promise<Response>)[];
  }): unknown;
}

declare module "srvx/log" {
  export function loggerMiddleware(): (
    request: Request,
    next: () => unknown,
  ) => Promise<Response>;
}

declare module "@hono/prometheus" {
  import type { Context, MiddlewareHandler } from "hono";
  export function prometheus(options?: { collectDefaultMetrics?: boolean }): {
    printMetrics: (context: Context) => Promise<Response>;
    registerMetrics: MiddlewareHandler;
  };
}

declare module "@hono/node-server" {
  export function serve(options: {
    fetch: (request: Request) => Response | Promise<Response>;
    port: number;
    hostname: string;
  }): unknown;
}

declare module "lightship" {
  export function createLightship(options: {
    port: number;
    detectKubernetes: boolean;
  }): Promise<{ signalReady(): void }>;
}

declare module "fastify" {
  interface Request {
    body: string;
    params: Record<string, string>;
    url: string;
  }
  interface Reply {
    code(status: number): Reply;
    type(contentType: string): Reply;
    send(payload?: string | object): Reply;
  }
  type Handle = (request: Request, reply: Reply) => unknown;
  interface Fastify {
    register(plugin: unknown, options: Record<string, unknown>): Promise<void>;
    get(path: string, handle: Handle): Fastify;
    post(path: string, handle: Handle): Fastify;
    delete(path: string, handle: Handle): Fastify;
    listen(address: { port: number; host: string }): Promise<string>;
  }
  export default function fastify(options: { logger: boolean }): Fastify;
}

declare module "@fastify/under-pressure" {
  const underPressure: unknown;
  export default underPressure;
}

declare module "mitata" {
  export function do_not_optimize(value: unknown): void;
  export function measure(run: () => unknown): Promise<{ avg: number; p50: number }>;
}

declare const Bun: {
  serve(options: {
    port: number;
    hostname: string;
    fetch: (request: Request) => Response | Promise<Response>;
  }): unknown;
};
