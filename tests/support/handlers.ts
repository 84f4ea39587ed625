/**
 * Handlers that tests give to Hurricane, as source text.
 *
 * @module
 */

/** Does what its path says; see the table in it. */
export const obliging = `
import { existsSync } from "node:fs";
import process from "node:process";

const waitFor = async (file: string) => {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
};
const paths: Record<string, (url: URL) => Response | Promise<Response>> = {
  "/": () => new Response("hello"),
  "/pid": () => new Response(String(process.pid)),
  "/block": (url) => {
    console.log("blocking");
    const end = Date.now() + Number(url.searchParams.get("ms"));
    while (Date.now() < end);
    return new Response("blocked");
  },
  "/loop": () => {
    console.log("looping");
    while (true);
  },
  // Answers when the file "release" exists.
  "/held": async () => {
    console.log("holding");
    await waitFor("release");
    console.log("answering");
    return new Response("held");
  },
  // Streams a first part at once and the rest when the file "release" exists.
  "/stream": () => {
    const text = new TextEncoder();
    return new Response(new ReadableStream({
      async start(controller) {
        controller.enqueue(text.encode("first "));
        await waitFor("release");
        controller.enqueue(text.encode("last"));
        controller.close();
      },
    }));
  },
  "/never": () => {
    console.log("never");
    return new Promise(() => {});
  },
  "/throw": () => {
    throw new Error("secret of the handler");
  },
  "/reject": async () => {
    await Promise.resolve();
    throw new TypeError("secret of the promise");
  },
  "/exit": () => process.exit(0),
  "/abort": () => process.abort(),
};

export default {
  fetch(request: Request) {
    const url = new URL(request.url);
    return paths[url.pathname]?.(url) ?? new Response("not found", { status: 404 });
  },
};
`;

/** Answers every request with the text. */
export function saying(text: string): string {
  return `export default { fetch: () => new Response(${JSON.stringify(text)}) };\n`;
}

/** What may be exported, all of it to the same effect: the answer to `GET /` is "GET". */
export const accepted: Record<string, { source: string; packages?: string[]; name?: string }> = {
  "a default export with fetch": {
    source: `export default { fetch: (request: Request) => new Response(request.method) };`,
  },
  "an object whose fetch needs this": {
    source: `class App { text = "GET"; fetch() { return new Response(this.text); } }
        export default new App();`,
  },
  "a default-exported function": {
    source: `export default async (request: Request) => new Response(request.method);`,
  },
  "a named export fetch": {
    source: `export function fetch(request: Request) { return new Response(request.method); }`,
  },
  "JavaScript": {
    source: `export default { fetch: (request) => new Response(request.method) };`,
    name: "handler.mjs",
  },
  "a Hono app from the handler's own node_modules": {
    source: `import { Hono } from "hono";
        const app = new Hono();
        app.get("/", (c) => c.text(c.req.method));
        export default app;`,
    packages: ["hono"],
  },
};

/** Gives the body back, as it comes. */
export const echo = `export default {
        fetch: (request: Request) =>
          new Response(request.body, { status: 201, headers: { "x-answer": "yes" } }),
      };`;

/** A WebSocket of Bun's, and one of Deno's: they say what they hear. */
export const bunSocket = `export default {
          fetch: (request, server) => server.upgrade(request) ? undefined : new Response("plain"),
          websocket: { message: (socket, message) => { socket.send("echo " + message); } },
        };`;
export const denoSocket = `export default {
          fetch(request) {
            const { socket, response } = Deno.upgradeWebSocket(request);
            socket.onmessage = ({ data }) => socket.send("echo " + data);
            return response;
          },
        };`;

/** What a class has for its runtime's server. */
export const bunClass = `class Base {
          get routes() { return { "/route": () => new Response("route") }; }
          get websocket() { return { message: (ws, message) => { ws.send("echo " + message); } }; }
          error(error) { return new Response("error " + error.message, { status: 500 }); }
        }
        export default new class extends Base {
          fetch(request, server) {
            if (server.upgrade(request)) return undefined;
            throw new Error("thrown");
          }
        };`;
export const denoClass = `export default new class {
          text = "listens";
          onListen() { console.log(this.text); }
          fetch() { return new Response(this.text); }
        };`;

/** A class with other things under the names that a runtime's server knows, as Elysia has it. */
export const framework = `class Framework {
        get routes() { return [{ method: "GET", path: "/" }]; }
        error(name, error) { throw new Error("called with " + arguments.length); }
        fetch() { throw new Error("the handler's"); }
      }
      export default new Framework();`;

/** Routes of Bun's. */
export const routes = `export default {
        routes: { "/static": new Response("route"), "/user/:id": (r: any) => new Response(r.params.id) },
        fetch: () => new Response("fetch"),
      };`;

/** Tells what TypeScript's own decorators were given, and where it throws. */
export const decorated = {
  source: `import { Store } from "./store.ts";
import { types } from "./types.ts";

export default {
  fetch(request: Request) {
    if (request.url.endsWith("/throw")) new Store().open("x", 1);
    return Response.json(types);
  },
};
`,
  files: {
    "tsconfig.json": `{ "extends": "./tsconfig.base.json" }`,
    "tsconfig.base.json":
      `{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true } }`,
    "types.ts": `export const types: Record<string, string[]> = {};

// In place of the package reflect-metadata.
(Reflect as any).metadata = (name: string, value: any) => (target: any, key?: string) => {
  // Deno tells a type of classes, too.
  if (name === "design:type" && key === undefined) return;
  types[\`\${name} \${key ?? target.name}\`] = [value].flat().map((type) => type.name);
};

export function injectable(...given: unknown[]): void {
  types["arguments"] = given.map((one) => typeof one);
}
export function parameter(_target: unknown, key: string, index: number): void {
  types["parameter"] = [key, String(index)];
}
`,
    "store.ts": `import { injectable, parameter } from "./types.ts";

export class Row {}

@injectable
export class Store {
  constructor(private readonly row?: Row) {}

  @injectable
  open(@parameter path: string, count: number): Promise<void> {
    throw new Error("cannot open");
  }
}
`,
  },
  types: {
    arguments: ["function"],
    parameter: ["open", "0"],
    "design:type open": ["Function"],
    "design:paramtypes open": ["String", "Number"],
    "design:returntype open": ["Promise"],
    "design:paramtypes Store": ["Row"],
  },
};
