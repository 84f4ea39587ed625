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
