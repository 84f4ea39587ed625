import { mkdirSync, symlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, test } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { AppProcess } from "../../../src/supervisor/process/app_process.ts";
import { WorkerError } from "../../../src/supervisor/workers/worker.ts";
import { isOwn } from "../../../src/source/trace.ts";
import { request } from "../../support/http.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { eventually } from "../../support/wait.ts";
import { appOptions } from "../../support/workers.ts";

/** A handler that runs among other files. */
class Running implements AsyncDisposable {
  private constructor(readonly dir: TempDir, readonly worker: AppProcess) {}

  static async start(
    files: Record<string, string>,
    autoreload = true,
    prepare: (dir: TempDir) => void = () => {},
  ): Promise<Running> {
    const dir = new TempDir();
    for (const [name, text] of Object.entries(files)) dir.file(name, text);
    prepare(dir);
    const handler = join(dir.path, "app/handler.ts");
    const options = { ...appOptions, tellImports: autoreload };
    try {
      const worker = new AppProcess({ handler, options });
      await worker.loaded;
      await worker.listen(0);
      return new Running(dir, worker);
    } catch (error) {
      dir[Symbol.dispose]();
      throw error;
    }
  }

  /** What it has imported, relative to the folder. */
  get imports(): string[] {
    return this.worker.imports.filter((path) => !isOwn(path))
      .map((path) => relative(this.dir.path, path)).sort();
  }

  async get(): Promise<string> {
    const { hostname, port } = this.worker.address;
    return (await request(`http://${hostname}:${port}/`)).text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.worker.kill();
    await this.worker.exit;
    this.dir[Symbol.dispose]();
  }
}

const files = {
  "app/package.json": `{ "dependencies": { "greeting": "1", "@mono/shared": "1" } }`,
  "app/handler.ts": `
    import { text } from "greeting";
    import { shared } from "@mono/shared";
    import { a } from "./lib/a.ts";
    import data from "./data.json" with { type: "json" };
    import own from "./lib/own.cjs";
    import type { T } from "./lib/types.ts";
    const value: T = text + shared + a + data.d + own.own;
    const lazy = "./lib/lazy";
    export default {
      async fetch() {
        return new Response(value + (await import(lazy + ".ts")).lazy);
      },
    };`,
  "app/lib/a.ts": `import { up } from "../../outside/up.ts"; export const a = "A" + up;`,
  "app/lib/own.cjs": `exports.own = require("./own2.cjs").own;`,
  "app/lib/own2.cjs": `exports.own = "O";`,
  "app/lib/lazy.ts": `export const lazy = "L";`,
  "app/lib/types.ts": "export type T = string;",
  "app/data.json": `{ "d": "D" }`,
  "app/node_modules/greeting/package.json":
    `{ "name": "greeting", "version": "1.0.0", "type": "module", "main": "index.js" }`,
  "app/node_modules/greeting/index.js": `export const text = "G";`,
  "outside/up.ts": `export const up = "U";`,
  "shared/package.json":
    `{ "name": "@mono/shared", "version": "1.0.0", "type": "module", "exports": "./src/mod.ts" }`,
  "shared/src/mod.ts": `export const shared: string = "S";`,
};

/** The package of a workspace is a link. */
function linkShared(dir: TempDir): void {
  mkdirSync(join(dir.path, "app/node_modules/@mono"), { recursive: true });
  symlinkSync(join(dir.path, "shared"), join(dir.path, "app/node_modules/@mono/shared"));
}

describe("an AppProcess that is to tell what is imported", () => {
  const atStart = [
    "app/data.json",
    "app/handler.ts",
    "app/lib/a.ts",
    "app/lib/own.cjs",
    "app/lib/own2.cjs",
    "outside/up.ts",
    "shared/src/mod.ts",
  ];

  test("tells it by the time that it listens: without packages, but for linked ones", async () => {
    await using app = await Running.start(files, true, linkShared);
    assertEquals(app.imports, atStart);
  });

  test("tells what is imported later", async () => {
    await using app = await Running.start(files, true, linkShared);
    let told = 0;
    app.worker.onImports = () => told++;
    assertEquals(await app.get(), "GSAUDOL");
    await eventually("a word of it", () => told > 0);
    assertEquals(app.imports, [...atStart, "app/lib/lazy.ts"].sort());
  });

  test("tells a file once, by its real path", async () => {
    await using app = await Running.start(
      {
        "real/a.ts": `export const a = 1;`,
        "app/handler.ts": `import "./link.ts"; import "../real/a.ts"; import "./b.ts?x";
          export default () => new Response("x");`,
        "app/b.ts": "",
      },
      true,
      (dir) => symlinkSync(join(dir.path, "real/a.ts"), join(dir.path, "app/link.ts")),
    );
    assertEquals(app.imports.filter((path) => path === "real/a.ts").length, 1);
    assertEquals(app.imports.filter((path) => path === "app/b.ts").length, 1);
  });

  test("loads all that it would load otherwise", async () => {
    await using app = await Running.start({
      "app/handler.ts": `
        import { x } from "data:text/javascript,export const x = 'X'";
        import { a } from "./circle_a.ts";
        await Promise.resolve();
        await import("./empty.wasm");
        export default () => new Response(x + a());`,
      "app/empty.wasm": "\0asm\x01\0\0\0",
      "app/circle_a.ts": `import { b } from "./circle_b.ts"; export function a() { return b(); }`,
      "app/circle_b.ts": `import { a } from "./circle_a.ts"; export const b = () => typeof a;`,
    });
    assertEquals(await app.get(), "Xfunction");
    assertEquals(app.imports, [
      "app/circle_a.ts",
      "app/circle_b.ts",
      "app/empty.wasm",
      "app/handler.ts",
    ]);
  });
});

test("an AppProcess tells nothing of imports where nobody asks", async () => {
  await using app = await Running.start(files, false, linkShared);
  assertEquals(await app.get(), "GSAUDOL");
  await app.worker.refresh(1000);
  assertEquals(app.imports, []);
});

test("the trace of a start that failed names file, line and column", async () => {
  const broken: Record<string, [source: string, place: RegExp]> = {
    "a missing file": [`\n import "./no.ts";`, /handler\.ts:2:9(?!\d)/],
    "a missing export": [`import { no } from "./ok.ts"; no();`, /handler\.ts:1:10(?!\d)/],
    "a syntax error": [`\nexport const x = {;`, /handler\.ts:2:19(?!\d)/],
    "a throw": [`\n\nthrow new Error("no");`, /handler\.ts:3:\d/],
  };
  for (const [name, [source, place]] of Object.entries(broken)) {
    const start = () => Running.start({ "app/handler.ts": source, "app/ok.ts": "" });
    const { trace } = await assertRejects(start, WorkerError);
    assertStringIncludes(place.exec(trace)?.[0] ?? "", "handler.ts", `${name}: ${trace}`);
  }
});
