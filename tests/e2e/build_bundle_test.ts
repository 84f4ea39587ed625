/**
 * That a handler does in an executable what it does from source, although a bundler has rewritten it.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { build, built, started } from "../support/built.ts";

import { TempDir } from "../support/temp_dir.ts";
import { executable } from "../support/executable.ts";

/** Builds the handler of a folder, takes its sources away, and gives what the app answers. */
async function answer(dir: TempDir, args: string[] = [], env: Record<string, string> = {}) {
  using place = new TempDir();
  const app = join(place.path, "app");
  await built(dir, ["handler.ts", "-o", app, ...args]);
  rmSync(dir.path, { recursive: true });
  try {
    await using program = await started(app, [], env);
    return await program.get();
  } finally {
    dir.file(".gone", "");
  }
}

/** As React has it: what is compiled for development cannot be run in production. */
function layReact(dir: TempDir): void {
  dir.file("tsconfig.json", `{ "compilerOptions": { "jsx": "react-jsx" } }`);
  dir.file("node_modules/react/package.json", `{ "name": "react", "version": "1.0.0" }`);
  dir.file("node_modules/react/jsx-runtime.js", `exports.jsx = exports.jsxs = (tag) => "<" + tag;`);
  dir.file(
    "node_modules/react/jsx-dev-runtime.js",
    `exports.jsxDEV = process.env.NODE_ENV === "production" ? undefined : (tag) => "<" + tag;`,
  );
}

describe("hurricane build: the bundle", () => {
  for (const mode of ["production", "development", undefined]) {
    test(`runs JSX with NODE_ENV=${mode ?? ""}`, async () => {
      using dir = new TempDir();
      layReact(dir);
      dir.file("page.tsx", "export const page = () => String(<p>hello</p>);");
      dir.file(
        "handler.ts",
        `import { page } from "./page.tsx"; export default { fetch: () => new Response(page()) };`,
      );
      const { status, text } = await answer(dir, [], mode === undefined ? {} : { NODE_ENV: mode });
      assertEquals([status, text], [200, "<p"]);
    });
  }

  test("runs CommonJS before the modules that follow it", async () => {
    using dir = new TempDir();
    const note = (what: string) => `(globalThis.ran ??= []).push(${JSON.stringify(what)});`;
    dir.file("node_modules/first/package.json", `{ "name": "first", "version": "1.0.0" }`);
    dir.file("node_modules/first/index.js", `${note("CommonJS")} module.exports = {};`);
    dir.file("second.mjs", note("module"));
    dir.file("late.mjs", `${note("late")} export const ran = globalThis.ran;`);
    dir.file(
      "handler.ts",
      `import "first"; import "./second.mjs";
      export default {
        fetch: async () => Response.json((await import("./late.mjs")).ran),
      };`,
    );
    assertEquals(JSON.parse((await answer(dir)).text), ["CommonJS", "module", "late"]);
  });

  test("keeps the names of classes and functions", async () => {
    using dir = new TempDir();
    dir.file(
      "errors.ts",
      `export class NotFound extends Error {
        constructor(message: string) { super(message); this.name = new.target.name; }
      }
      export function createOrder() {}
      export const listOrders = () => {};`,
    );
    dir.file(
      "handler.ts",
      `import { createOrder, listOrders, NotFound } from "./errors.ts";
      class OrderService {}
      export default {
        fetch: () => Response.json([
          String(new NotFound("no order")), createOrder.name, listOrders.name, OrderService.name,
          new OrderService().constructor.name,
        ]),
      };`,
    );
    const names = ["NotFound: no order", "createOrder", "listOrders", "OrderService"];
    assertEquals(JSON.parse((await answer(dir)).text), [...names, "OrderService"]);
  });

  /** A package that loads others in several ways, where they are installed. */
  function layFramework(dir: TempDir): void {
    dir.file("node_modules/framework/package.json", `{ "name": "framework", "version": "1.0.0" }`);
    dir.file(
      "node_modules/framework/index.js",
      `const optional = async (load) => { try { return await load(); } catch (error) { return error.code; } };
      exports.extras = () => Promise.all([
        optional(() => import("missing-module")), optional(() => require("missing-common/sub")),
        optional(() => import("there").then(({ text }) => text)),
      ]);`,
    );
    dir.file("node_modules/there/package.json", `{ "name": "there", "version": "1.0.0" }`);
    dir.file("node_modules/there/index.js", `exports.text = "there";`);
  }

  test("does without what a package loads only where it is installed", async () => {
    using dir = new TempDir();
    layFramework(dir);
    dir.file(
      "handler.ts",
      `import { extras } from "framework";
      export default { fetch: async () => Response.json(await extras()) };`,
    );
    const missing = "ERR_MODULE_NOT_FOUND";
    assertEquals(JSON.parse((await answer(dir)).text), [missing, "MODULE_NOT_FOUND", "there"]);
  });

  test("says what is missing of the handler's own", async () => {
    using dir = new TempDir();
    layFramework(dir);
    dir.file(
      "handler.ts",
      `import { extras } from "framework";
      export default { fetch: async () => Response.json([await extras(), await import("missing-own")]) };`,
    );
    const { code, stderr } = await build(dir, ["handler.ts", "-o", "app"]);
    assertEquals(code, 1);
    assertMatch(stderr, /Could not resolve: "missing-own"/);
    assertEquals(/missing-(?:module|common)/.test(stderr), false, stderr);
  });

  test("takes CommonJS for a handler", async () => {
    using dir = new TempDir();
    dir.file("handler.ts", `module.exports = { fetch: () => new Response("CommonJS") };`);
    assertEquals((await answer(dir)).text, "CommonJS");
  });

  test("says where an error was thrown", async () => {
    using dir = new TempDir();
    dir.file(
      "lib/thrower.ts",
      `interface Nothing {}\n\nexport function thrower(_?: Nothing): Response {
      throw new Error("thrown in the library");
    }`,
    );
    dir.file(
      "handler.ts",
      `import { thrower } from "./lib/thrower.ts"; export default { fetch: () => thrower() };`,
    );
    await built(dir, ["handler.ts", "-o", "app"]);
    await using program = await started(join(dir.path, "app"));
    assertEquals((await program.get()).status, 500);
    const line = await program.log.until("the error", ({ level }) => level === "error");
    assertMatch(String(line["stack"]), /at thrower \(.*lib\/thrower\.ts:4:\d+\)/);
  });
});

describe("hurricane build: workers", () => {
  /** Gives what a worker says first. */
  const asking = `export const ask = (worker: Worker): Promise<string> =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => { resolve(data); worker.terminate(); };
      worker.onerror = ({ message }) => reject(new Error(message));
    });\n`;

  test("holds those that modules name, in whichever way, with what they import", async () => {
    using dir = new TempDir();
    dir.file("ask.ts", asking);
    dir.file("worker.ts", `import { name } from "./name.ts"; postMessage(name);`);
    dir.file("name.ts", `export const name: string = "of the handler";`);
    // Of the same name as another one, in another folder.
    dir.file("lib/worker.ts", `postMessage("of the library");`);
    dir.file(
      "outer.ts",
      `import { ask } from "./ask.ts";
      postMessage("through another, " + await ask(new Worker(new URL("./worker.ts", import.meta.url))));`,
    );
    dir.file(
      "lib/library.ts",
      `import { ask } from "../ask.ts";
      const address = new URL("./worker.ts", import.meta.url);
      export const own = () => ask(new Worker(address.href, { type: "module" }));
      export const other = () => ask(new Worker(new URL('../worker.ts', import.meta.url)));`,
    );
    dir.file(
      "handler.ts",
      `import { ask } from "./ask.ts";
      import { own, other } from "./lib/library.ts";

      const said = () => Promise.all([
        ask(new Worker(new URL("./worker.ts", import.meta.url))),
        ask(new Worker("./worker.ts")),
        ask(new Worker(import.meta.resolve("./worker.ts"))),
        ask(new Worker(new URL("./outer.ts", import.meta.url).href)),
        own(),
        other(),
      ]);
      export default { fetch: async () => Response.json(await said()) };`,
    );
    const { status, text } = await answer(dir);
    assertEquals([status, JSON.parse(text)], [200, [
      ...Array(3).fill("of the handler"),
      "through another, of the handler",
      "of the library",
      "of the handler",
    ]]);
  });

  const computed = `import { ask } from "./ask.ts";
    const run = (name: string) => ask(new Worker(new URL(\`./workers/\${name}.ts\`, import.meta.url)));
    export default { fetch: async () => new Response(await run("job")) };`;

  test("says which it does not find, and takes them with --worker", async () => {
    using dir = new TempDir();
    dir.file("ask.ts", asking);
    dir.file("workers/job.ts", `postMessage("the job");`);
    dir.file("handler.ts", computed);
    const { code, stderr } = await build(dir, ["handler.ts", "-o", "app"]);
    assertEquals([code, stderr.split("\\n").length], [0, 1], stderr);
    assertMatch(stderr, /^hurricane: warning: .*handler\.ts:2 makes a worker/);
    assertStringIncludes(stderr, "--worker");
    assertEquals((await answer(dir, ["--worker", "workers/job.ts"])).text, "the job");
  });

  test("says which packages look for files where there are none", async () => {
    using dir = new TempDir();
    const lay = (name: string, source: string) => {
      dir.file(`node_modules/${name}/package.json`, `{ "name": "${name}", "version": "1.0.0" }`);
      dir.file(`node_modules/${name}/index.js`, source);
    };
    lay("node-gyp-build", "module.exports = () => undefined;");
    lay("@scope/hash", `exports.addon = require("node-gyp-build")(__dirname);`);
    lay("image", "exports.load = (system) => require(`@image/${system}/image.node`);");
    lay(
      "minifier",
      `const { readFileSync } = require("fs");
      const files = ["./index.js"].map((file) => require.resolve(file));
      exports.minify = () => new Function(readFileSync(files[0], "utf8"));`,
    );
    lay("plain", `exports.addon = "not-an-addon.node";`);
    dir.file(
      "handler.ts",
      `import { addon } from "@scope/hash"; import { load } from "image"; import * as plain from "plain";
      import { minify } from "minifier";
      export default { fetch: () => new Response([addon, load, plain, minify].join()) };`,
    );
    const { code, stderr } = await build(dir, ["handler.ts", "-o", "app"]);
    assertEquals(code, 0);
    const names = stderr.split("\n").map((line) =>
      /warning: (\S+) looks for (?:a native addon|its own files) .*--extract/.exec(line)?.[1]
    );
    assertEquals(names.sort(), ["@scope/hash", "image", "minifier"]);
  });

  test("leaves alone other classes of that name", async () => {
    using dir = new TempDir();
    dir.file("node_modules/queue/package.json", `{ "name": "queue", "version": "1.0.0" }`);
    dir.file(
      "node_modules/queue/index.js",
      "exports.Worker = class { constructor(name) { this.name = name; } };",
    );
    dir.file(
      "handler.ts",
      `import { Worker } from "queue";
      export default { fetch: () => new Response(new Worker("orders").name) };`,
    );
    assertEquals((await answer(dir)).text, "orders");
  });

  const misused: Record<string, { args: string[]; says: RegExp }> = {
    "a worker that is not there": {
      args: ["--worker", "no.ts"],
      says: /--worker "no\.ts": there is no \/.*no\.ts$/,
    },
    "a worker that is no module": {
      args: ["--worker", "note.txt"],
      says: /--worker "note\.txt" is no module/,
    },
    "a worker elsewhere": {
      args: ["--worker", executable + ".ts"],
      says: /--worker ".*": there is no/,
    },
    "an asset that is not there": {
      args: ["--asset", "views"],
      says: /--asset "views": there is no \/.*views$/,
    },
    "an asset elsewhere": {
      args: ["--asset", executable],
      says: /--asset ".*hurricane" does not lie in the handler's project/,
    },
    "the handler's folder as an asset": {
      args: ["--asset", "."],
      says: /--asset "\." does not lie in the handler's project/,
    },
  };
  for (const [what, { args, says }] of Object.entries(misused)) {
    test(`${what} is an error of use`, async () => {
      using dir = new TempDir();
      dir.file("handler.ts", "export default { fetch: () => new Response() };");
      dir.file("note.txt", "");
      const { code, stderr } = await build(dir, ["handler.ts", "-o", "app", ...args]);
      assertEquals([code, stderr.split("\\n").length], [2, 1], stderr);
      assertMatch(stderr, says);
    });
  }
});

describe("hurricane build: files beside modules", () => {
  test("holds those that modules name", async () => {
    using dir = new TempDir();
    dir.file("note.txt", "the handler's");
    dir.file("lib/note.txt", "the library's");
    dir.file("public/client.js", "alert('not bundled')");
    dir.file("data.db", "not a note");
    dir.file(
      "lib/library.ts",
      `import { readFileSync } from "node:fs";
      export const note = readFileSync(new URL("./note.txt", import.meta.url), "utf8");
      export const other = readFileSync(new URL("../note.txt", import.meta.url), "utf8");`,
    );
    dir.file(
      "node_modules/engine/package.json",
      `{ "name": "engine", "version": "1.0.0", "type": "module" }`,
    );
    dir.file("node_modules/engine/engine.wasm", "a package's");
    dir.file(
      "node_modules/engine/index.js",
      `import { readFileSync } from "node:fs";
      export const engine = readFileSync(new URL("engine.wasm", import.meta.url), "utf8");`,
    );
    dir.file(
      "handler.ts",
      `import { engine } from "engine";
      import { note, other } from "./lib/library.ts";
      const own = Bun.file(new URL("./note.txt", import.meta.url));
      const client = Bun.file(new URL("./public/client.js", import.meta.url));
      const missing = new URL("./missing.txt", import.meta.url);
      export default {
        fetch: async () => Response.json([
          await own.text(), note, other, engine, await client.text(), await Bun.file(missing).exists(),
        ]),
      };`,
    );
    assertEquals(JSON.parse((await answer(dir)).text), [
      "the handler's",
      "the library's",
      "the handler's",
      "a package's",
      "alert('not bundled')",
      false,
    ]);
  });

  test("holds what --asset names, beside the handler", async () => {
    using dir = new TempDir();
    dir.file("views/index.html", "<p>index</p>");
    dir.file("views/parts/head.html", "<p>head</p>");
    dir.file("data/de.json", `{ "hello": "hallo" }`);
    dir.file("data/secret.json", "not embedded");
    dir.file(
      "handler.ts",
      `import { existsSync, readdirSync, readFileSync } from "node:fs";
      const secret = "data/secret.json";
      const read = (path: string) => readFileSync(new URL(\`./\${path}\`, import.meta.url), "utf8");
      export default {
        fetch: () => Response.json([
          read("views/index.html"), read("views/parts/head.html"),
          JSON.parse(read("data/" + "de.json")).hello,
          readdirSync(import.meta.dir + "/views").sort(), existsSync(\`\${import.meta.dir}/\${secret}\`),
        ]),
      };`,
    );
    const { text } = await answer(dir, ["--asset", "views", "--asset", "data/de.json"]);
    assertEquals(JSON.parse(text), [
      "<p>index</p>",
      "<p>head</p>",
      "hallo",
      ["index.html", "parts"],
      false,
    ]);
  });
});
