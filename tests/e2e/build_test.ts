import { after, before, describe, test } from "node:test";
import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { writeEntries } from "../../src/build/entry.ts";
import { anywhere, executable, repository } from "../support/executable.ts";
import { build, built, started } from "../support/built.ts";
import { obliging, saying } from "../support/handlers.ts";
import { layPackedApp } from "../support/packed_app.ts";
import { signal } from "../support/processes.ts";
import { Program, run } from "../support/program.ts";
import { TempDir } from "../support/temp_dir.ts";
import { eventually } from "../support/wait.ts";

const nobody = 65532;
const deno = process.env["HURRICANE_DENO"] ?? "deno";

/** What a folder holds, with the files that a build may have left behind. */
function listing(dir: TempDir): string[] {
  return readdirSync(dir.path).sort();
}

describe("hurricane build", () => {
  let place: TempDir;
  let app = "";

  before(async () => {
    place = new TempDir();
    using source = new TempDir();
    layPackedApp(source);
    app = join(place.path, "app");
    const { code, stdout, stderr } = await build(source, ["handler.tsx", "-o", app]);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /app: \d+ MB, built in \d+\.\ds$/);
    // From here on the sources are gone.
  });

  after(() => place[Symbol.dispose]());

  test("holds packages, aliases, JSX, JSON, text and WASM", async () => {
    await using program = await started(app);
    const { text } = await program.get();
    assertEquals(JSON.parse(text), { alias: "hello you", json: 42, text: "a note", wasm: 5 });
    assertEquals((await program.get("/page")).text, `<p class="one">hello page</p>`);
    assertEquals(await program.stop(), 0);
    assertEquals(program.stdout.items, ["onShutdown"]);
    assertEquals(listing(place), ["app"]);
  });

  test("shows the handler's own prom-client metrics", async () => {
    await using program = await started(app);
    await program.get();
    await program.get();
    const { text } = await program.probe("/metrics");
    assertMatch(text, /^packed_requests_total 2$/m);
    assertMatch(text, /^http_server_request_duration_seconds_count\{.*\} 2$/m);
  });

  test("answers probes, restarts a handler that ends, and says where an error came from", async () => {
    await using program = await started(app);
    for (const path of ["/startup", "/ready", "/alive"]) {
      assertEquals((await program.probe(path)).status, 200, path);
    }
    const pid = (await program.get("/pid")).text;
    assertNotEquals(pid, String(program.pid));
    await program.get("/exit").catch(() => {});
    const next = await eventually(
      "the handler's next process",
      () => program.get("/pid").then(({ text }) => text, () => undefined),
    );
    assertNotEquals(next, pid);
    assertEquals((await program.get("/throw")).status, 500);
    // Hono catches it and prints it; the source map that is embedded says where it was thrown.
    await program.stderr.until("the stack", (line) => /handler\.tsx:\d+/.test(line));
    assertEquals(await program.stop(), 0);
    assertEquals(program.leftBehind(), []);
  });

  test("runs commands, scripts among them, before it serves", async () => {
    using dir = new TempDir();
    const script = dir.file("seed.ts", `const text: string = "seeded"; console.log(text);\n`);
    await using program = await started(app, ["--command", script, "--command", "/bin/echo hi"]);
    const lines = program.log.items.map(({ line }) => line).filter((line) => line !== undefined);
    assertEquals(lines, ["seeded", "hi"]);
    assertEquals(await program.stop(), 0);
  });

  test("may await at the top level, and fail there as it does from source", async () => {
    using dir = new TempDir();
    dir.file("late.ts", `await Promise.reject(new Error("no database"));\n${saying("")}`);
    await built(dir, ["late.ts"]);
    const { code, stderr } = await run({ file: join(dir.path, "late"), args: anywhere });
    assertEquals(code, 1);
    assertStringIncludes(stderr, "cannot start: Error: no database");
  });

  test("has baked-in defaults: flag before variable before them, and its help shows them", async () => {
    using dir = new TempDir();
    dir.file("shop.ts", saying("shop"));
    const own = ["--app-version", "1.4.2"];
    const defaults = ["--req-queue-len", "3", "--readiness-probe", "/up", "--log-probes", ...own];
    await built(dir, ["shop.ts", "-o", "bin", "--", ...defaults]);
    const file = join(dir.path, "bin");

    const help = (await run({ file, args: ["--help"] })).stdout;
    assertStringIncludes(help, "$ bin [options]");
    assertStringIncludes(help, "The handler: shop.ts");
    assertStringIncludes(help, "--req-queue-len 3 --readiness-probe /up --log-probes");
    assertMatch(
      (await run({ file, args: ["--version"] })).stdout,
      /^bin 1\.4\.2\nhurricane \S+ \(bun .*\)$/,
    );

    const limit = async (args: string[], env: Record<string, string>) => {
      await using program = await started(file, args, env);
      const { text } = await program.probe("/up", { headers: { accept: "application/json" } });
      return JSON.parse(text).queue.limit;
    };
    const variable = { HURRICANE_REQ_QUEUE_LEN: "5" };
    assertEquals(await limit([], {}), 3);
    assertEquals(await limit([], variable), 5);
    assertEquals(await limit(["--req-queue-len=7"], variable), 7);
    const wrong = await run({ file, args: ["another.ts"] });
    assertEquals(wrong.code, 2);
    assertMatch(wrong.stderr, /another\.ts.*shop\.ts is built in/);
  });

  const misused: Record<string, { args: string[]; names: string[] }> = {
    "no handler": { args: [], names: ["no handler is given", "./handler.ts"] },
    "a handler that is not there": { args: ["nowhere.ts"], names: ["nowhere.ts", "no file"] },
    "a folder": { args: ["folder"], names: ["folder", "is a directory"] },
    "two handlers": { args: ["good.ts", "broken.ts"], names: ["one handler", "broken.ts"] },
    "its own handler as output": { args: ["good.ts", "-o", "good.ts"], names: ["good.ts"] },
    "an unknown target": { args: ["good.ts", "--target", "vax"], names: ["vax", "linux-arm64"] },
    "an unknown option": { args: ["good.ts", "--ouput", "app"], names: ["--ouput", "--output"] },
    "a wrong default": { args: ["good.ts", "--", "--port", "http"], names: ["--port", "http"] },
    "a secret among the defaults": {
      args: ["good.ts", "--", `--webhook-secret=${Buffer.alloc(24, 1).toString("base64")}`],
      names: ["--webhook-secret", "HURRICANE_WEBHOOK_SECRET"],
    },
    "a default that is none": { args: ["good.ts", "--", "more.ts"], names: ["more.ts"] },
  };
  for (const [what, { args, names }] of Object.entries(misused)) {
    test(`${what} is an error of use`, async () => {
      using dir = sources();
      const before = listing(dir);
      const { code, stdout, stderr } = await build(dir, args);
      assertEquals([code, stdout, stderr.split("\n").length], [2, "", 1], stderr);
      for (const name of names) assertStringIncludes(stderr, name);
      assertEquals(listing(dir), before);
    });
  }

  const failing: Record<string, { args: string[]; says: RegExp[]; exit?: number }> = {
    "a syntax error": {
      args: ["broken.ts"],
      says: [/broken\.ts cannot be built/, /broken\.ts:1:\d+/],
    },
    "a package that is not installed": {
      args: ["lacking.ts"],
      says: [/lacking\.ts cannot be built/, /"no-such-package"/],
    },
    "a module without a handler": {
      args: ["idle.ts"],
      says: [/idle\.ts has no handler: it exports idle, and opens no server;/],
    },
    "an output that is a directory": {
      args: ["good.ts", "-o", "folder"],
      says: [/folder is a directory/, /-o .*folder\/app/],
      exit: 2,
    },
    "an output in a folder that is not there": {
      args: ["good.ts", "-o", "missing/app"],
      says: [/there is no directory .*missing/],
      exit: 2,
    },
  };
  for (const [what, { args, says, exit = 1 }] of Object.entries(failing)) {
    test(`${what}: exit ${exit}, a message, and no file`, async () => {
      using dir = sources();
      const before = listing(dir);
      const { code, stdout, stderr } = await build(dir, args);
      assertEquals([code, stdout], [exit, ""]);
      assertMatch(stderr, /^hurricane: /);
      for (const pattern of says) assertMatch(stderr, pattern);
      assertFalse(/hurricane-build|bun-build/.test(stderr), stderr);
      assertEquals(listing(dir), before);
    });
  }

  test("leaves the files of --static outside, where the app runs", async () => {
    using dir = sources();
    await built(dir, ["good.ts", "-o", "app", "--", "--static", "public"]);
    const file = join(dir.path, "app");
    const { code, stderr } = await run({ file, args: anywhere, cwd: dir.path });
    assertEquals([code, stderr.split("\n").length], [2, 1], stderr);
    const { message } = JSON.parse(stderr);
    assertStringIncludes(message, `--static "public": there is no directory ${dir.path}/public`);
    dir.file("public/a.txt", "a file");
    await using program = await started(file);
    assertEquals((await program.get("/static/a.txt")).text, "a file");
    assertEquals((await program.get("/static/b.txt")).text, "good");
  });

  test("leaves the scripts of --command outside, and says so of those without a place", async () => {
    using dir = sources();
    const args = ["good.ts", "-o", "app", "--"];
    const given = ["./migrate.ts --all", "/seed.ts", "./tool", "echo a.ts"];
    const { code, stderr } = await build(dir, [...args, ...given.flatMap((c) => ["--command", c])]);
    assertEquals(code, 0);
    assertEquals(
      stderr,
      "hurricane: warning: --command ./migrate.ts is not part of the executable, which looks for it " +
        "in the directory where it is started, with what it imports: take it along, and name it by an " +
        "absolute path (--command /migrate.ts)",
    );
  });

  test("leaves NODE_ENV to where the app runs", async () => {
    using dir = sources();
    dir.file("mode.ts", "export default { fetch: () => new Response(process.env.NODE_ENV) };");
    await built(dir, ["mode.ts", "-o", "app"]);
    await using program = await started(join(dir.path, "app"), [], { NODE_ENV: "production" });
    assertEquals((await program.get()).text, "production");
  });

  test("keeps the file that is there until the new one is whole", async () => {
    using dir = sources();
    dir.file("app", "the good one");
    assertEquals((await build(dir, ["broken.ts", "-o", "app"])).code, 1);
    assertEquals(readFileSync(join(dir.path, "app"), "utf8"), "the good one");
    await built(dir, ["good.ts", "-o", "app"]);
    await using program = await started(join(dir.path, "app"));
    assertEquals((await program.get()).text, "good");
  });

  const rootOnly = process.getuid?.() === 0 ? false : "needs root, to be somebody else";
  test("an output that may not be written: exit 1, and no file", { skip: rootOnly }, async () => {
    using dir = sources();
    dir.file("locked/app", "the good one");
    chmodSync(dir.path, 0o755);
    const folder = join(dir.path, "locked");
    // A copy, for the repository may lie where nobody else comes.
    const file = join(dir.path, "hurricane");
    copyFileSync(executable, file);
    const { code, stderr } = await run({
      file,
      args: ["build", join(dir.path, "good.ts"), "-o", join(folder, "app")],
      cwd: "/",
      uid: nobody,
    });
    assertEquals(code, 1);
    assertEquals(
      stderr,
      `hurricane: ${folder}/app cannot be written (EACCES): ` +
        "give another place with -o",
    );
    assertEquals(readdirSync(folder), ["app"]);
    assertEquals(readFileSync(join(folder, "app"), "utf8"), "the good one");
  });

  const codes = { SIGTERM: 143, SIGINT: 130, SIGHUP: 129, SIGQUIT: 131 } as const;
  for (const [name, exit] of Object.entries(codes) as [keyof typeof codes, number][]) {
    test(`leaves nothing behind when ${name} interrupts it`, async () => {
      using dir = sources();
      const before = listing(dir);
      await using program = new Program({
        file: executable,
        args: ["build", "good.ts", "-o", "app"],
        cwd: dir.path,
      });
      await eventually("the compiler to start", () => program.leftBehind().length > 0);
      signal(program.pid, name);
      const { code, stderr } = await program.ended;
      assertEquals([code, stderr], [exit, `hurricane: interrupted by ${name}`]);
      assertEquals(program.leftBehind(), []);
      assertEquals(listing(dir), before);
    });
  }

  test("goes on after a hangup where nohup asks for that", async () => {
    using dir = sources();
    await using program = new Program({
      file: "nohup",
      args: [executable, "build", "good.ts", "-o", "app"],
      cwd: dir.path,
    });
    await eventually("the compiler to start", () => program.leftBehind().length > 0);
    signal(program.pid, "SIGHUP");
    const { code, stdout } = await program.ended;
    assertEquals(code, 0);
    assertStringIncludes(stdout, "built in");
  });

  test("heeds the umask", async () => {
    using dir = sources();
    for (const [umask, mode] of [["022", 0o755], ["077", 0o700], ["027", 0o750]] as const) {
      await using program = new Program({
        file: "sh",
        args: ["-c", `umask ${umask} && exec "$0" build good.ts -o app${umask}`, executable],
        cwd: dir.path,
      });
      assertEquals((await program.ended).code, 0);
      assertEquals(statSync(join(dir.path, `app${umask}`)).mode & 0o777, mode);
    }
  });

  test("an app does not build", async () => {
    using dir = sources();
    const call = { file: app, args: ["build", "good.ts", "-o", "again"], cwd: dir.path };
    const { code, stderr } = await run(call);
    assertEquals([code, stderr.split("\n").length], [2, 1], stderr);
    assertStringIncludes(stderr, "build is a command of hurricane itself");
  });

  test("needs no folder for temporary files", async () => {
    using dir = sources();
    const { code, stderr } = await build(dir, ["good.ts", "-o", "app"], { TMPDIR: "/nowhere" });
    assertEquals([code, stderr], [0, ""]);
  });

  test("for another system: says so where the base cannot be fetched", async () => {
    using dir = sources();
    const before = listing(dir);
    const { code, stderr } = await build(dir, ["good.ts", "-o", "app", "--target", "linux-arm64"], {
      HTTPS_PROXY: "http://127.0.0.1:1",
      BUN_INSTALL_CACHE_DIR: join(dir.path, "folder"),
    });
    assertEquals(code, 1);
    assertMatch(stderr, /^hurricane: fetching Bun [\d.]+ for linux-arm64 from npm/);
    assertMatch(stderr, /base executable for linux-arm64 cannot be fetched/);
    assertEquals(listing(dir), before);
  });

  test("for another system", async () => {
    using dir = sources();
    const args = ["good.ts", "-o", "app", "--target", "linux-arm64-musl"];
    const { code, stderr } = await build(dir, args, { HOME: homedir() });
    if (/cannot be fetched/.test(stderr)) {
      return console.log("skipped: building for another system: its base cannot be fetched here");
    }
    assertEquals(code, 0, stderr);
    assertMatch(stderr, /^(hurricane: (still )?fetching .*(\n|$))*$/);
    const header = readFileSync(join(dir.path, "app")).subarray(0, 4096);
    assertEquals(header.readUInt16LE(18), 183, "e_machine is not EM_AARCH64");
    assertStringIncludes(header.toString("latin1"), "/lib/ld-musl-aarch64.so.1");
  });
});

describe("hurricane build --runtime deno", () => {
  test("writes an entry that supervises itself under deno run", async () => {
    using dir = new TempDir();
    const handler = dir.file("handler.ts", obliging);
    const name = "handler.ts";
    const defaults = ["--req-queue-len", "4"];
    const [entry = ""] = writeEntries(dir.path, { handler, name, defaults, runtime: "deno" });
    const config = join(repository, "deno.json");
    await using program = new Program({
      file: deno,
      args: ["run", "-A", "--unstable-net", "--config", config, entry, ...anywhere],
      cwd: dir.path,
      env: { PATH: process.env["PATH"] ?? "", HOME: homedir() },
    });
    await program.serving();
    const answer = await program.probe("/ready", { headers: { accept: "application/json" } });
    assertEquals(JSON.parse(answer.text).queue.limit, 4);
    const pid = (await program.get("/pid")).text;
    assertNotEquals(pid, String(program.pid));
    await program.get("/abort").catch(() => {});
    await eventually(
      "the handler's next process",
      () => program.get("/pid").then(({ text }) => text !== pid, () => false),
    );
    assertEquals(await program.stop(), 0);
    assertEquals(program.leftBehind(), []);
  });

  test("compiles with deno compile", async () => {
    using dir = sources();
    const { code, stderr } = await run({
      file: join(repository, "scripts/run"),
      args: ["build", "good.ts", "-o", "app"],
      cwd: dir.path,
      env: { PATH: process.env["PATH"] ?? "", HOME: homedir(), HURRICANE_RUNTIME: "deno" },
    });
    if (/cannot be fetched/.test(stderr)) {
      assertEquals(code, 1);
      assertFalse(existsSync(join(dir.path, "app")));
      return console.log("skipped: deno compile: its base, denort, cannot be fetched here");
    }
    assertEquals([code, stderr], [0, ""]);
    await using program = await started(join(dir.path, "app"));
    assertEquals((await program.get()).text, "good");
    assertEquals(await program.stop(), 0);
  });

  // In place of its base, which is not to be had everywhere: what comes of it is whole, but cannot be run.
  test("embeds what the handler's own deno.json means, workers, and files beside modules", async () => {
    using dir = new TempDir();
    dir.file("app/deno.json", `{ "imports": { "@lib/": "./lib/", "greeting": "./greeting.ts" } }`);
    dir.file("app/lib/one.ts", `export const one = "the aliased module";`);
    dir.file("app/greeting.ts", `export const greeting = "the mapped module";`);
    dir.file("app/worker.ts", `import "./task.ts";`);
    dir.file("app/task.ts", `postMessage("what the worker imports");`);
    dir.file("app/note.txt", "the note beside it");
    dir.file("app/views/page.html", "the page that is named");
    dir.file("app/secret.txt", "the file that nobody names");
    dir.file(
      "app/handler.ts",
      `import { one } from "@lib/one.ts";
      import { greeting } from "greeting";
      const note = new URL("./note.txt", import.meta.url);
      export const work = () => new Worker(import.meta.resolve("./worker.ts"), { type: "module" });
      export default { fetch: async () => new Response(one + greeting + await Deno.readTextFile(note)) };`,
    );
    const { code, stderr } = await run({
      file: join(repository, "scripts/run"),
      args: ["build", "app/handler.ts", "-o", "built", "--asset", "app/views"],
      cwd: dir.path,
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: homedir(),
        HURRICANE_RUNTIME: "deno",
        DENORT_BIN: realpathSync(deno),
      },
    });
    assertEquals([code, stderr], [0, ""]);
    const bytes = readFileSync(join(dir.path, "built"));
    const held = [
      "the aliased module",
      "the mapped module",
      "what the worker imports",
      "the note beside it",
      "the page that is named",
      // Of Hurricane's packages, one in CommonJS with what it requires.
      "nodejs_eventloop_lag_seconds",
      // As it is run: whatever the permissions, and with what Hurricane needs of Deno.
      `"allow_net":[],"deny_net":null`,
    ];
    assertEquals(held.filter((text) => !bytes.includes(text)), []);
    const [, features = ""] = /"features":\[([^\]]*)\]/.exec(bytes.toString("latin1")) ?? [];
    assertEquals(features.split(",").toSorted(), ['"detect-cjs"', '"net"']);
    assertFalse(bytes.includes("the file that nobody names"));
  });

  test("says that it needs Deno where there is none", async () => {
    using dir = sources();
    const { code, stderr } = await build(dir, ["good.ts", "-o", "app", "--runtime", "deno"]);
    assertEquals(code, 1);
    assertMatch(stderr, /--runtime deno needs Deno on PATH/);
    assertFalse(existsSync(join(dir.path, "app")));
  });
});

/** Handlers of which one is good. */
function sources(): TempDir {
  const dir = new TempDir();
  dir.file("good.ts", saying("good"));
  dir.file("broken.ts", "export default { fetch(: ");
  dir.file("idle.ts", "export const idle = true;");
  dir.file("lacking.ts", `import "no-such-package";\n${saying("")}`);
  dir.file("folder/.keep", "");
  writeFileSync(join(dir.path, "package.json"), "{}");
  assert(existsSync(join(dir.path, "good.ts")));
  return dir;
}
