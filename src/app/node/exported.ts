import type { RequestListener, Server } from "node:http";

/** Has an export what only a framework on `node:http` has? Its server is made when it is asked for. */
type Recognized = () => Server | Promise<Server>;

interface Duck {
  [name: string]: unknown;
}

/**
 * A default export that answers as `node:http` does: a server, a `(req, res)` function, the
 * application of Express, Connect, Koa, Fastify or Nest. `undefined` where it is none of these.
 */
export function nodeExport(main: unknown): Recognized | undefined {
  if (typeof main === "function") return isNodeFunction(main) ? () => serverOf(main) : undefined;
  if (typeof main !== "object" || main === null) return undefined;
  const duck = main as Duck;
  if (has(duck, "listen", "close", "address", "setTimeout")) return () => main as Server;
  // https://koajs.com/#app-callback
  if (has(duck, "listen", "callback", "use")) return () => serverOf(call(duck, "callback"));
  // https://fastify.dev/docs/latest/Reference/Server/#ready
  if (has(duck, "listen", "ready", "inject", "routing")) {
    return async () => {
      await call(duck, "ready");
      return duck["server"] as Server;
    };
  }
  // https://docs.nestjs.com/faq/http-adapter
  if (has(duck, "listen", "init", "getHttpServer")) {
    return async () => {
      await call(duck, "init");
      return call(duck, "getHttpServer") as Server;
    };
  }
  return undefined;
}

function has(duck: Duck, ...methods: string[]): boolean {
  return methods.every((name) => typeof duck[name] === "function");
}

function call(duck: Duck, method: string): unknown {
  return (duck[method] as () => unknown).call(duck);
}

function serverOf(listener: unknown): Server {
  return process.getBuiltinModule("node:http").createServer(listener as RequestListener);
}

/**
 * Is it `(req, res) => …` rather than `(request, info) => …`? Express and Connect make functions that
 * have a `handle`. Of any other the second parameter tells, by the name that its author gave it: there
 * is no other difference before it is called.
 */
function isNodeFunction(main: object): boolean {
  const { length, handle, use } = main as Duck & { length: number };
  if (typeof handle === "function" && typeof use === "function") return true;
  return length >= 2 && /^res/i.test(secondParameter(String(main)) ?? "");
}

/** `undefined` where it is no plain name. */
function secondParameter(source: string): string | undefined {
  return /^(?:async\b\s*)?(?:function\b\s*)?[\w$]*\s*\(\s*_*[\w$]+\s*,\s*_*([\w$]+)\s*[,)]/
    .exec(source)?.[1];
}
