/**
 * `build` builds what `serve` serves: each handler answers the same from its source and built.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import {
  accepted,
  bunClass,
  bunSocket,
  decorated,
  echo,
  framework,
  obliging,
  routes,
} from "../support/handlers.ts";
import { built, linkPackages, served, started } from "../support/built.ts";
import type { RequestOptions } from "../support/http.ts";
import type { Program } from "../support/program.ts";
import { TempDir } from "../support/temp_dir.ts";

/** A handler, and what it is asked. */
interface Fixture {
  source: string;
  /** Its file. Default `handler.ts`. */
  name?: string;
  /** What lies beside it. */
  files?: Record<string, string>;
  packages?: string[];
  requests?: [path: string, options?: RequestOptions][];
  /** Is it asked by a WebSocket, too? */
  socket?: true;
  /** Does it throw at the first request? */
  fails?: true;
}

const ofPackage = (name: string): Fixture => ({
  source: `import { text } from "${name}"; export default { fetch: () => new Response(text) };`,
  files: {
    [`node_modules/${name}/package.json`]: `{ "name": "${name}", "type": "module" }`,
    [`node_modules/${name}/index.js`]: `export const text = "the handler's own";`,
    "package.json": `{ "dependencies": { "${name}": "1.0.0" } }`,
  },
});

const fixtures: Record<string, Fixture> = {
  ...accepted,
  "CommonJS": {
    source: `exports.fetch = (request) => new Response(request.method);`,
    name: "handler.cjs",
  },
  "a package of its own": ofPackage("greeting"),
  "a package that Hurricane has, too": ofPackage("hono"),
  "a body that comes back": {
    source: echo,
    requests: [["/", { method: "POST", body: "ä".repeat(100_000) }]],
  },
  "what does as it is asked": {
    source: obliging,
    requests: [["/"], ["/throw"], ["/reject"], ["/nothing"], ["/", { method: "HEAD" }]],
  },
  "Bun's WebSocket": { source: bunSocket, name: "handler.js", requests: [["/"]], socket: true },
  "a class for Bun": {
    source: bunClass,
    name: "handler.js",
    requests: [["/route"], ["/other"]],
    socket: true,
  },
  "a framework's class": { source: framework, name: "handler.js", fails: true },
  "Bun's routes": { source: routes, requests: [["/static"], ["/user/7"], ["/other"]] },
  "decorators": { ...decorated, requests: [["/"], ["/throw"]] },
  "Bun's server, the client's address, and what the module is": {
    source: `export default {
      fetch: (request, server) => Response.json([
        server.requestIP(request).address, import.meta.main, typeof import.meta.url, typeof require,
        process.argv.length, Object.keys(process.env).filter((name) => name.startsWith("HURRICANE")),
      ]),
    };`,
  },
  "what comes and goes with it": {
    source: `export default { fetch: () => new Response("here") };
      console.log("imported");
      export const checks = { readiness: { database: () => { throw new Error("no database"); } } };
      export const onDrain = () => console.log("draining");
      export const onShutdown = () => console.log("shut down");`,
  },
  "what is preloaded": {
    source: `export default { fetch: () => new Response(globalThis.first) };`,
    files: {
      "bunfig.toml": `preload = ["./first.ts"]\n`,
      "first.ts": `globalThis.first = "preloaded";`,
    },
  },
  "a configuration with paths and JSX": {
    source:
      `import { page } from "@app/page.tsx"; export default { fetch: () => new Response(page()) };`,
    files: {
      "tsconfig.json": `{ "compilerOptions": {
        "jsx": "react", "jsxFactory": "element", "paths": { "@app/*": ["./app/*"] }
      } }`,
      "app/page.tsx": `const element = (tag: string, _: unknown, text: string) => tag + " " + text;
        export const page = () => <p>{"text"}</p>;`,
    },
  },
  "enums, namespaces, accessors, private names, and what is disposed of": {
    source: `import { Level, Names } from "./types.ts";
      class Count { #value = 1; accessor step = 2; static { this.made = true; } static made: boolean;
        get value() { return this.#value + this.step; } }
      function disposed(): string[] {
        const said: string[] = [];
        { using _ = { [Symbol.dispose]() { said.push("disposed"); } }; said.push("used"); }
        return said;
      }
      export default {
        fetch: () => Response.json([Level.High, Level[1], Names.of(1), new Count().value, Count.made, disposed()]),
      };`,
    files: {
      "types.ts": `export enum Level { Low, High }
        export namespace Names { export const of = (level: Level) => Level[level]; }`,
    },
  },
  "cycles of imports, and what is imported late": {
    source: `import { one } from "./one.ts";
      export const base = "base";
      const late = import("./late.ts");
      export default { fetch: async () => Response.json([one(), (await late).default, base]) };`,
    files: {
      "one.ts":
        `import { two } from "./two.ts"; export const one = () => "one " + two(); export const name = "one";`,
      "two.ts": `import { name } from "./one.ts"; export const two = () => "two of " + name;`,
      "late.ts": `import { one } from "./one.ts"; export default "late " + one();`,
    },
  },
};

/** All that a client sees, and what the handler has written. */
async function observed(program: Program, { requests = [["/"]], socket }: Fixture) {
  const answers = [];
  for (const [path, options] of requests) {
    const { status, headers, text } = await program.get(path, options);
    const { date: _, ...others } = headers;
    answers.push({ status, headers: others, text });
  }
  const said = socket ? await echoed(program.url("/").replace("http", "ws")) : undefined;
  const readiness = await program.probe("/ready", { headers: { accept: "application/json" } });
  const code = await program.stop();
  const logged = program.log.items.filter(({ level }) => level !== "info")
    .map(({ level, message }) => `${level} ${message}`);
  return {
    answers,
    said,
    readiness: readiness.status,
    code,
    logged,
    written: program.stdout.items,
  };
}

function echoed(url: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = new WebSocket(url);
  socket.onopen = () => socket.send("hi");
  socket.onmessage = ({ data }) => {
    resolve(String(data));
    socket.close();
  };
  socket.onerror = () => reject(new Error("the WebSocket failed"));
  return promise;
}

describe("hurricane build builds what hurricane serve serves", () => {
  for (const [what, fixture] of Object.entries(fixtures)) {
    test(what, async () => {
      using dir = new TempDir();
      const { source, name = "handler.ts", files = {}, packages = [] } = fixture;
      for (const [file, text] of Object.entries({ ...files, [name]: source })) dir.file(file, text);
      linkPackages(dir, packages);
      await built(dir, [name, "-o", "built"]);
      await using fromSource = await served(join(dir.path, name));
      const expected = await observed(fromSource, fixture);
      assertEquals(
        expected.answers[0]?.status === 500,
        fixture.fails ?? false,
        "not as it should be",
      );
      await using program = await started(join(dir.path, "built"));
      assertEquals(await observed(program, fixture), expected);
    });
  }
});
