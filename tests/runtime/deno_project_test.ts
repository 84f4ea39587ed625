import { describe, test } from "node:test";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { projectFlags, takeConfig } from "../../src/runtime/deno_project.ts";
import { runtime } from "../../src/runtime/mod.ts";
import { AppProcess } from "../../src/supervisor/process/app_process.ts";
import { request } from "../support/http.ts";
import { TempDir } from "../support/temp_dir.ts";
import { appOptions } from "../support/workers.ts";

const skip = runtime.name !== "deno";
if (skip) console.info("skipped: the projects of Deno: this is bun");

const repository = fileURLToPath(new URL("../../", import.meta.url));

interface ImportMap {
  imports: Record<string, string>;
  scopes: Record<string, Record<string, string>>;
}

/** The flags for a handler in a project of these files: without the import map, and that. */
function flagsOf(files: Record<string, string>, handler = "handler.ts") {
  using dir = new TempDir();
  for (const [name, text] of Object.entries(files)) dir.file(name, text);
  const flags = projectFlags(dir.file(handler, ""));
  const at = flags.indexOf("--import-map");
  const url = flags[at + 1] ?? "";
  const map: ImportMap = JSON.parse(decodeURIComponent(url.slice(url.indexOf(",") + 1)));
  const folder = pathToFileURL(dir.path).href;
  const imports = Object.fromEntries(
    Object.entries(map.imports).map(([name, to]) => [name, to.replace(folder, "FOLDER")]),
  );
  const named = flags.slice(0, at).map((flag) => flag.replace(dir.path, "FOLDER"));
  return { named, imports, scopes: map.scopes };
}

describe("projectFlags", { skip }, () => {
  test("are none without a file, and for one in Hurricane's own tree", { skip }, () => {
    assertEquals(projectFlags(undefined), []);
    assertEquals(projectFlags(join(repository, "docs/examples/hello.ts")), []);
  });

  const projects: Record<string, [Record<string, string>, string[]]> = {
    "nothing": [{}, ["--no-config"]],
    "a package.json": [{ "package.json": "{}" }, ["--no-config", "--node-modules-dir=manual"]],
    "node_modules alone": [
      { "node_modules/x/index.js": "" },
      ["--no-config", "--node-modules-dir=manual"],
    ],
    "a tsconfig.json": [
      { "tsconfig.json": "{}", "package.json": "{}" },
      ["--config", "FOLDER/tsconfig.json", "--node-modules-dir=manual"],
    ],
    "a deno.json": [{ "deno.json": "{}" }, ["--config", "FOLDER/deno.json"]],
    "a deno.jsonc": [{ "deno.jsonc": "{}" }, ["--config", "FOLDER/deno.jsonc"]],
    "a deno.json beside a package.json": [
      { "deno.json": "{}", "package.json": "{}" },
      ["--config", "FOLDER/deno.json"],
    ],
  };
  for (const [name, [files, flags]] of Object.entries(projects)) {
    for (const handler of ["handler.ts", "src/deep/handler.ts"]) {
      test(`say what the project has: ${name}, for ${handler}`, { skip }, () => {
        assertEquals(flagsOf(files, handler).named, [...flags, "--unstable-detect-cjs"]);
      });
    }
  }

  test("say once what Deno was started with", { skip }, () => {
    const given = join(process.cwd(), "a.json");
    for (const flags of [["-c", "a.json"], ["--config=a.json"], ["--config", given]]) {
      assertEquals(takeConfig(["run", ...flags, "-q"]), { rest: ["run", "-q"], given });
    }
    assertEquals(takeConfig(["run", "--no-config", "-A"]), { rest: ["run", "-A"] });

    using dir = new TempDir();
    const handler = dir.file("handler.ts", "");
    const config = dir.file("other/deno.json", `{"imports":{"a":"./a.ts"}}`);
    const flags = projectFlags(handler, config);
    assertEquals(flags.slice(0, 2), ["--config", config]);
    const map = decodeURIComponent(flags.at(-1) ?? "");
    assertStringIncludes(map, `"a":"${pathToFileURL(join(dir.path, "other/a.ts")).href}"`);
    const own = join(repository, "deno.json");
    assertEquals(projectFlags(handler, own), projectFlags(handler));
    assertEquals(projectFlags(undefined, own), ["--config", own]);
  });

  test("take the nearest configuration", { skip }, () => {
    const files = { "deno.json": "{}", "src/deno.json": "{}" };
    assertEquals(flagsOf(files, "src/handler.ts").named, [
      "--config",
      "FOLDER/src/deno.json",
      "--unstable-detect-cjs",
    ]);
  });

  const imports: Record<string, [string, Record<string, string>]> = {
    "a file": [`{"imports":{"a":"./lib/a.ts"}}`, { a: "FOLDER/lib/a.ts" }],
    "a folder": [`{"imports":{"@/":"./src/"}}`, { "@/": "FOLDER/src/" }],
    "a URL": [`{"imports":{"a":"https://x.y/a.ts"}}`, { a: "https://x.y/a.ts" }],
    "a package, with what lies below it": [
      `{"imports":{"hono":"npm:hono@4"}}`,
      { hono: "npm:hono@4", "hono/": "npm:/hono@4/" },
    ],
    "a package of JSR": [
      `{"imports":{"@std/a":"jsr:@std/a@1"}}`,
      { "@std/a": "jsr:@std/a@1", "@std/a/": "jsr:/@std/a@1/" },
    ],
    "a package whose subpaths are mapped already": [
      `{"imports":{"h/":"npm:/hono@3/","h":"npm:hono@4"}}`,
      { h: "npm:hono@4", "h/": "npm:/hono@3/" },
    ],
    "none": [`{"tasks":{}}`, {}],
    "comments and trailing commas": [
      `// "imports": {}\n{/* "a" */ "imports": {"a": "./a//b.ts", /* , */ "b": "./b,}.ts",},\n}`,
      { a: "FOLDER/a//b.ts", b: "FOLDER/b,%7D.ts" },
    ],
    "quotes and backslashes in texts": [
      String.raw`{"imports":{"a":"./a.ts"},"x":"\\","y":"\"// no comment","z":"/*"}`,
      { a: "FOLDER/a.ts" },
    ],
  };
  for (const [name, [config, expected]] of Object.entries(imports)) {
    test(`keep what the imports mean: ${name}`, { skip }, () => {
      assertEquals(flagsOf({ "deno.jsonc": config }).imports, expected);
    });
  }

  test("map Hurricane's packages for Hurricane's own modules alone", { skip }, () => {
    const { imports, scopes } = flagsOf({});
    assertEquals(imports, {});
    const own = scopes[pathToFileURL(repository).href];
    assert(own !== undefined, JSON.stringify(scopes));
    assertStringIncludes(own["zod"] ?? "", "zod");
    assertStringIncludes(own["hono/serve-static"] ?? "", "/hono/");
    assertEquals("@std/assert" in own || "@types/node" in own, false);
    // `hurricane build` takes all of Hurricane along.
    const source = join(repository, "src");
    const imported = readdirSync(source, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) => {
        const text = readFileSync(join(source, file), "utf8");
        return [...text.matchAll(/^(?!\s*\*).*(?:\bfrom |\bimport\()"([\w@/-]+)"/gm)];
      })
      .map(([, name = ""]) => name);
    assert(imported.includes("zod/mini"));
    assertEquals(imported.filter((name) => !(name in own)), []);
  });

  test("map what those packages call #platform as they do themselves", { skip }, () => {
    const { scopes } = flagsOf({});
    const { [pathToFileURL(repository).href]: own = {}, ...platforms } = scopes;
    const expected: Record<string, Record<string, string>> = {};
    for (const [name, main] of Object.entries(own)) {
      const file = join(repository, "node_modules", name, "package.json");
      const { imports } = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
      const path = imports?.["#platform"]?.node?.default;
      if (path === undefined) continue;
      const folder = main.replace(/\/dist\/.*/, "/");
      expected[`${folder}dist/`] = { "#platform": new URL(path, folder).href };
    }
    assert(Object.keys(expected).length > 3);
    assertEquals(platforms, expected);
  });
});

/** What a handler that exports a `text` of its own answers, in a process of its own. */
async function answerOf(files: Record<string, string>, path = "/"): Promise<string> {
  using dir = new TempDir();
  for (const [name, text] of Object.entries(files)) dir.file(name, text);
  const handler = join(dir.path, "handler.ts");
  const options = { ...appOptions, static: path === "/" ? [] : [dir.path] };
  const worker = new AppProcess({ handler, options });
  try {
    await worker.loaded;
    await worker.listen(0);
    return (await request(`http://127.0.0.1:${worker.address.port}${path}`)).text;
  } finally {
    worker.kill();
    await worker.exit;
  }
}

const saying = (from: string) =>
  `import { text } from "${from}"; export default { fetch: () => new Response(text) };`;
const text = (said: string) => `export const text: string = "${said}";`;
const hono = {
  "node_modules/hono/package.json": `{"name":"hono","version":"0.0.1","main":"index.js"}`,
  "node_modules/hono/index.js": `export const text = "the handler's own";`,
};

describe("a handler's project on Deno", { skip }, () => {
  const projects: Record<string, [Record<string, string>, string]> = {
    "has its own imports": [{
      "handler.ts": saying("@/greeting.ts"),
      "deno.jsonc": `{ // aliases\n "imports": { "@/": "./lib/", }, }`,
      "lib/greeting.ts": text("an alias"),
    }, "an alias"],
    "may call something as Hurricane calls a package of its own": [{
      "handler.ts": saying("hono"),
      "deno.json": `{"imports":{"hono":"./own.ts"}}`,
      "own.ts": text("no package"),
    }, "no package"],
    "may have only a package.json": [{
      "handler.ts": saying("hono"),
      "package.json": `{"type":"module","dependencies":{"hono":"0.0.1"}}`,
      ...hono,
    }, "the handler's own"],
    "may have nothing": [{ "handler.ts": saying("./a.ts"), "a.ts": text("beside") }, "beside"],
  };
  for (const [name, [files, expected]] of Object.entries(projects)) {
    test(name, { skip }, async () => {
      assertEquals(await answerOf(files), expected);
    });

    test(`${name}, and lets Hurricane load what serves files`, { skip }, async () => {
      assertEquals(await answerOf({ ...files, "a.txt": "a file" }, "/static/a.txt"), "a file");
    });
  }

  test("does not see Hurricane's packages", { skip }, async () => {
    const files = { "handler.ts": saying("zod"), "deno.json": "{}" };
    const error = await assertRejects(() => answerOf(files), Error);
    assertStringIncludes(error.message, '"zod"');
  });
});
