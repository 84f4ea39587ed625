/**
 * That an executable has the files which its handler reads: those of `--asset` in their places, and with
 * `--extract` all of the project.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { anywhere, repository } from "../support/executable.ts";
import { build, started } from "../support/built.ts";
import { run } from "../support/program.ts";
import { TempDir } from "../support/temp_dir.ts";

/** Builds a handler, and takes its sources away. */
async function buildAlone(dir: TempDir, app: string, handler: string, args: string[]) {
  mkdirSync(dirname(app), { recursive: true });
  const { code, stderr } = await build(dir, [handler, "-o", app, ...args]);
  assertEquals([code, stderr], [0, ""]);
  rmSync(dir.path, { recursive: true });
  dir.file(".gone", "");
}

const changed = Date.UTC(2024, 1, 29) / 1000;

describe("hurricane build --asset", () => {
  /** A project whose handler lies in a folder of its own, as do the files. */
  function lay(dir: TempDir): void {
    dir.file("package.json", `{ "name": "shop" }`);
    const page = dir.file("public/page.html", "<p>page</p>");
    utimesSync(page, changed, changed);
    dir.file("node_modules/reader/package.json", `{ "name": "reader", "version": "1.0.0" }`);
    dir.file(
      "node_modules/reader/index.js",
      `const fs = require("fs");
      exports.read = (file, options) => new Promise((resolve, reject) => {
        const seen = [];
        fs.createReadStream(file, options)
          .on("open", () => seen.push("open"))
          .on("data", (part) => seen.push(String(part)))
          .on("error", reject).on("close", () => resolve(seen));
      });`,
    );
    dir.file(
      "src/lib/places.cjs",
      `const path = require("node:path");
      exports.folder = path.join(__dirname, "..", "..", "public");
      exports.page = path.join(exports.folder, "page.html");`,
    );
    dir.file(
      "src/handler.ts",
      `import * as fs from "node:fs";
      import { realpathSync, statSync as stat } from "node:fs";
      import promises from "fs/promises";
      import { read } from "reader";
      import { folder, page } from "./lib/places.cjs";

      const missing = folder + "/missing.html";
      const code = (error: { code?: string }) => error.code;
      export default { fetch: async () => Response.json({
        same: new URL("../public/" + "page.html", import.meta.url).pathname === page,
        stream: await read(page, {}),
        part: await read(page, { start: 3, end: 6, encoding: "utf8" }),
        missing: await read(missing, {}).catch(code),
        modified: [stat(page).mtime, (await promises.stat(page)).mtime, fs.lstatSync(page).mtime],
        called: await new Promise((done) => fs.stat(page, (error, stats) => done([error, stats?.mtimeMs]))),
        real: [realpathSync(page) === page, await fs.promises.realpath(page) === page],
        unreal: await promises.realpath(missing).catch(code),
        own: (await promises.stat("/proc/self/status")).isFile(),
      }) };`,
    );
  }

  test("has files found by the places of modules, streamed, and with their times", async () => {
    using dir = new TempDir();
    using place = new TempDir();
    lay(dir);
    const app = join(place.path, "app");
    await buildAlone(dir, app, "src/handler.ts", ["--asset", "public"]);
    await using program = await started(app);
    const time = new Date(changed * 1000).toISOString();
    assertEquals(JSON.parse((await program.get()).text), {
      same: true,
      stream: ["open", "<p>page</p>"],
      part: ["open", "page"],
      missing: "ENOENT",
      modified: [time, time, time],
      called: [null, changed * 1000],
      real: [true, true],
      unreal: "ENOENT",
      own: true,
    });
  });

  test("is heeded by Hurricane from source, too", async () => {
    using dir = new TempDir();
    lay(dir);
    const { code, stderr } = await run({
      file: join(repository, "scripts/run"),
      args: ["build", "src/handler.ts", "-o", "app", "--asset", "public"],
      cwd: dir.path,
      env: { ...process.env as Record<string, string>, HURRICANE_RUNTIME: "bun" },
    });
    assertEquals([code, stderr], [0, ""]);
    rmSync(join(dir.path, "public"), { recursive: true });
    await using program = await started(join(dir.path, "app"));
    assertEquals(JSON.parse((await program.get()).text).part, ["open", "page"]);
  });

  test("is what a warning tells to add", async () => {
    using dir = new TempDir();
    dir.file("public/a.css", "");
    dir.file(
      "handler.ts",
      `import { join } from "node:path";
      const folder = join(import.meta.dir, "public");
      export default { fetch: () => new Response(folder) };`,
    );
    const { code, stderr } = await build(dir, ["handler.ts", "-o", "app"]);
    assertEquals(code, 0);
    assertEquals(
      stderr.trimEnd(),
      `hurricane: warning: ${dir.path}/handler.ts:2 reads public beside itself, which is not in the ` +
        "executable: add --asset public",
    );
  });

  test("builds what has no ending, as programs for node have", async () => {
    using dir = new TempDir();
    using place = new TempDir();
    dir.file("package.json", `{ "name": "shop" }`);
    dir.file("views/note.txt", "a note");
    dir.file("app.js", `exports.note = require("node:path").join(__dirname, "views/note.txt");`);
    dir.file(
      "bin/www",
      `#!/usr/bin/env node
      const { note } = require("../app");
      require("node:http").createServer((_, response) =>
        require("node:fs").createReadStream(note).pipe(response)
      ).listen(3000);\n`,
    );
    const app = join(place.path, "app");
    await buildAlone(dir, app, "bin/www", ["--asset", "views"]);
    await using program = await started(app);
    assertEquals((await program.get()).text, "a note");
  });
});

describe("hurricane build --extract", () => {
  /** A project that loads modules by paths which are made at run time. */
  function lay(dir: TempDir): void {
    dir.file("package.json", `{ "name": "shop" }`);
    dir.file("node_modules/plugin/package.json", `{ "name": "plugin", "version": "1.0.0" }`);
    dir.file("node_modules/plugin/index.js", `exports.name = "plugin";`);
    utimesSync(dir.file("note.txt", "a note"), changed, changed);
    chmodSync(dir.file("tool.sh", "#!/bin/sh\necho tool\n"), 0o755);
    symlinkSync("note.txt", join(dir.path, "link.txt"));
    for (const name of [".env", ".env.local", ".envrc", ".npmrc", "server/.npmrc"]) {
      dir.file(name, "SECRET=1");
    }
    dir.file(".git/HEAD", "");
    dir.file(
      "server/main.js",
      `const fs = require("fs"), path = require("path"), http = require("http");
      process.chdir(__dirname);
      const name = ["plug", "in"].join("");
      const root = path.join(__dirname, "..");
      http.createServer((_, response) => response.end(JSON.stringify({
        plugin: require(name).name,
        files: fs.readdirSync(root).sort(),
        server: fs.readdirSync(__dirname),
        link: fs.readlinkSync(root + "/link.txt"),
        modified: fs.statSync(root + "/note.txt").mtime,
        tool: String(require("child_process").execFileSync(root + "/tool.sh")),
        cwd: process.cwd() === __dirname,
        root,
      }))).listen(process.env.PORT);\n`,
    );
  }
  const args = ["--extract"];

  test("runs a project from where it is extracted, once for all workers and starts", async () => {
    using dir = new TempDir();
    using place = new TempDir();
    lay(dir);
    const app = join(place.path, "app");
    const env = { TMPDIR: join(place.path, "tmp") };
    await buildAlone(dir, app, "server/main.js", args);
    for (const workers of ["2", "1"]) {
      await using program = await started(app, [`--workers=${workers}`], env);
      const { root, ...answer } = JSON.parse((await program.get()).text);
      assertEquals(answer, {
        plugin: "plugin",
        files: ["link.txt", "node_modules", "note.txt", "package.json", "server", "tool.sh"],
        server: ["main.js"],
        link: "note.txt",
        modified: new Date(changed * 1000).toISOString(),
        tool: "tool\n",
        cwd: true,
      });
      assertEquals(readdirSync(env.TMPDIR).map((name) => join(env.TMPDIR, name)), [root]);
    }
  });

  test("leaves out executables that were built before, and names what looks like secrets", async () => {
    using dir = new TempDir();
    using place = new TempDir();
    lay(dir);
    dir.file("node_modules/plugin/test/fixture.pem", "");
    assertEquals((await build(dir, ["server/main.js", "-o", "earlier", ...args])).code, 0);
    for (const name of ["tls.pem", "keys/webhook.key"]) dir.file(name, "");
    const { code, stderr } = await build(dir, ["server/main.js", "-o", "keys/web", ...args]);
    assertEquals(code, 0);
    assertEquals(
      stderr,
      "hurricane: warning: the executable holds what looks like secrets, for whoever has it to read: " +
        "keys/webhook.key, tls.pem; keep them outside the project if they are",
    );
    const env = { TMPDIR: join(place.path, "tmp") };
    await using program = await started(join(dir.path, "keys/web"), [], env);
    const { files, root } = JSON.parse((await program.get()).text);
    assertEquals(files, [
      ...["keys", "link.txt", "node_modules", "note.txt", "package.json", "server", "tls.pem"],
      "tool.sh",
    ]);
    assertEquals(readdirSync(join(root, "keys")), ["webhook.key"]);
  });

  test("takes the packages of a workspace along", async () => {
    using dir = new TempDir();
    using place = new TempDir();
    dir.file("node_modules/plugin/package.json", `{ "name": "plugin", "version": "1.0.0" }`);
    dir.file("node_modules/plugin/index.js", `exports.name = "plugin of the workspace";`);
    dir.file("apps/shop/package.json", `{ "name": "shop" }`);
    dir.file(
      "apps/shop/main.js",
      `const { name } = require(["plug", "in"].join(""));
      require("http").createServer((_, response) =>
        response.end(name + " in " + require("path").basename(process.cwd()))
      ).listen(3000);`,
    );
    const app = join(place.path, "app");
    await buildAlone(dir, app, "apps/shop/main.js", args);
    await using program = await started(app, [], { TMPDIR: join(place.path, "tmp") });
    assertEquals((await program.get()).text, "plugin of the workspace in shop");
  });

  test("does not take a folder that others may have written", async () => {
    using dir = new TempDir();
    using place = new TempDir();
    lay(dir);
    const app = join(place.path, "app");
    const env = { TMPDIR: join(place.path, "tmp") };
    await buildAlone(dir, app, "server/main.js", args);
    const rootOf = async (): Promise<string> => {
      await using program = await started(app, [], env);
      return JSON.parse((await program.get()).text).root;
    };
    const usual = await rootOf();
    chmodSync(usual, 0o777);
    const other = await rootOf();
    assertEquals(dirname(other), env.TMPDIR);
    assertEquals(other === usual, false);
  });

  test("says what to do where nothing can be written", async () => {
    using dir = new TempDir();
    using place = new TempDir();
    lay(dir);
    const app = join(place.path, "app");
    await buildAlone(dir, app, "server/main.js", args);
    const { code, stderr } = await run({
      file: app,
      args: anywhere,
      env: { TMPDIR: "/proc/nowhere" },
    });
    assertEquals(code, 1, stderr);
    assertMatch(stderr, /extracts its files, and \/proc\/nowhere cannot be written \(ENOENT\)/);
    assertMatch(stderr, /emptyDir.*TMPDIR/);
  });

  test("is named where a module cannot be bundled", async () => {
    using dir = new TempDir();
    lay(dir);
    const { code, stderr } = await build(dir, ["server/main.js", "-o", "app"]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "server/main.js:2 makes its own folder the working directory");
    assertStringIncludes(stderr, "--extract");
  });

  const misused: Record<string, [args: string[], says: RegExp]> = {
    "for Deno": [["--runtime", "deno"], /--extract is for Bun alone/],
    "with --asset": [["--asset", "note.txt"], /leave --asset and --worker away/],
  };
  for (const [what, [more, says]] of Object.entries(misused)) {
    test(`${what} is an error of use`, async () => {
      using dir = new TempDir();
      lay(dir);
      const { code, stderr } = await build(dir, ["server/main.js", "-o", "app", ...args, ...more]);
      assertEquals(code, 2);
      assertMatch(stderr, says);
    });
  }
});
