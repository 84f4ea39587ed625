import { after, before, describe, test } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { chmodSync, copyFileSync, cpSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { dirname, join } from "node:path";
import process from "node:process";
import { parseAllDocuments } from "yaml";
import {
  Container,
  type ContainerOptions,
  containersMissing,
  type Image,
} from "../support/container.ts";
import { buildImage } from "../support/dockerfile.ts";
import { executable, repository } from "../support/executable.ts";
import { limitMissing } from "../support/limited_memory.ts";
import { TempDir } from "../support/temp_dir.ts";
import { run } from "../support/program.ts";
import { eventually } from "../support/wait.ts";

const examples = join(repository, "docs/examples/image");

/** In place of the examples' handler: tells what it sees of the container. */
const handler = `
import { Hono } from "hono";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";

const app = new Hono();
app.get("/", (c) => c.text("hello"));
app.get("/self", (c) => c.json({ ppid: process.ppid, uid: process.getuid() }));
app.get("/write/:folder", (c) => {
  const folder = c.req.param("folder");
  try {
    writeFileSync("/" + folder + "/written", "");
    return c.text("written");
  } catch (error) {
    return c.text(error.code);
  }
});
// State and parent of each process, by its id.
app.get("/processes", (c) => {
  const all = {};
  for (const pid of readdirSync("/proc").filter((name) => /^\\d+$/.test(name))) {
    const stat = readFileSync("/proc/" + pid + "/stat", "utf8");
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    all[pid] = state + " " + parent;
  }
  return c.json(all);
});
app.get("/crash", (c) => {
  setTimeout(() => {
    throw new Error("boom");
  });
  return c.text("soon");
});
const kept = [];
app.get("/keep/:mb", (c) => {
  kept.push(new Uint8Array(Number(c.req.param("mb")) * 2 ** 20).fill(1));
  return c.text("kept");
});
app.post("/held", async (c) => {
  console.log("holding");
  return c.text(await c.req.text());
});
export default app;

export function onShutdown() {
  console.log("onShutdown");
}
`;

/** In place of the examples' migration: leaves a process behind that ends a while later. */
const command = `
import { spawn } from "node:child_process";
import process from "node:process";

const greeting: string = "command";
console.log(greeting, process.getuid?.());
const orphan = spawn(process.execPath, ["-e", "setTimeout(() => {}, 1000)"], {
  detached: true,
  stdio: "ignore",
  env: { ...process.env, BUN_BE_BUN: "1" },
});
orphan.unref();
console.log("orphan", orphan.pid);
`;

if (containersMissing !== undefined) console.log(`${containersMissing} (image_test.ts)`);

describe("an image", { skip: containersMissing ?? false }, () => {
  let place: TempDir;
  const images = new Map<string, Image>();
  const image = (name: string): Image => {
    const found = images.get(name);
    assert(found, `${name} has not been built`);
    return found;
  };

  before(async () => {
    place = new TempDir();
    const packages = place.file("packages/app/node_modules/.keep", "").replace(/\/\.keep$/, "");
    const hono = realpathSync(join(repository, "node_modules/hono"));
    cpSync(hono, join(packages, "hono"), { recursive: true });
    const files = { "handler.ts": handler, "migrate.ts": command };
    const context = layContext("context", files);
    const given = { packages: join(place.path, "packages") };
    for (const name of ["source", "app", "scratch"]) {
      const work = join(place.path, name);
      const dockerfile = join(examples, `${name}.Dockerfile`);
      images.set(name, await buildImage(dockerfile, { context, work, given }));
    }
    const work = join(place.path, "example");
    const original = layContext("original", {});
    const dockerfile = join(examples, "source.Dockerfile");
    images.set("example", await buildImage(dockerfile, { context: original, work, given }));
  });

  after(() => place[Symbol.dispose]());

  /** The examples' folder with the executable in it, and other files in place of some. */
  function layContext(name: string, files: Record<string, string>): string {
    const context = join(place.path, name);
    cpSync(examples, context, { recursive: true });
    for (const [file, text] of Object.entries(files)) place.file(`${name}/${file}`, text);
    copyFileSync(executable, join(context, "hurricane"));
    return context;
  }

  /** Starts a container as its image says, on free ports of the machine's loopback interface. */
  async function start(name: string, options: ContainerOptions = {}): Promise<Container> {
    const env = { HURRICANE_HOST: "127.0.0.1", HURRICANE_PORT: "0", HURRICANE_PROBE_PORT: "0" };
    const container = new Container(image(name), {
      ...options,
      env: { ...env, ...options.env },
    });
    try {
      await container.serving();
    } catch (error) {
      await container[Symbol.asyncDispose]();
      throw error;
    }
    return container;
  }

  for (const name of ["source", "app"]) {
    for (const tmp of [true, false]) {
      const where = `${name}.Dockerfile, ${
        tmp ? "/tmp in memory" : "no folder that can be written"
      }`;
      test(`${where}: a command, probes, drain, onShutdown`, async () => {
        await using container = await start(name, { tmp });
        const commandLines = container.log.items.map(({ line }) => line);
        assert(commandLines.includes("command 65532"), JSON.stringify(commandLines));
        assertEquals((await container.get()).text, "hello");
        // The handler's process is the child of PID 1.
        const self = (await container.get("/self")).text;
        assertEquals(JSON.parse(self), { ppid: 1, uid: 65532 });
        const written = tmp ? "written" : "EROFS";
        assertEquals((await container.get("/write/tmp")).text, written);
        assertEquals((await container.get("/write/app")).text, name === "app" ? "ENOENT" : "EROFS");
        for (const path of ["/startup", "/ready", "/alive"]) {
          assertEquals((await container.probe(path)).status, 200, path);
        }

        const held = post(container, "/held");
        await container.stdout.until("the request", (line) => line === "holding");
        await container.kill("SIGTERM");
        await eventually(
          "the drain",
          async () => (await container.probe("/ready")).status === 400,
        );
        held.end("the body's end");
        assertEquals(await held.answer, "the body's end");
        const { code, stderr } = await container.ended;
        assertEquals(code, 0);
        assert(container.stdout.items.includes("onShutdown"));
        assertEquals(container.log.items.filter(({ level }) => level !== "info"), [], stderr);
      });
    }
  }

  test("has no capability and cannot gain any", async () => {
    await using container = await start("source");
    const status = readFileSync(`/proc/${await container.initPid()}/status`, "utf8");
    assertMatch(status, /^CapEff:\t0+$/m);
    assertMatch(status, /^CapBnd:\t0+$/m);
    assertMatch(status, /^NoNewPrivs:\t1$/m);
    assertMatch(status, /^Uid:\t65532\t65532/m);
    assertMatch(status, /^NSpid:\t\d+\t1$/m);
  });

  test("sees the memory limit of its container, and keeps to it", {
    skip: limitMissing ?? false,
  }, async () => {
    await using container = await start("app", { memory: 384 });
    const limit = /^the memory limit is 384mb: a worker that has more than (\d+)mb is replaced$/;
    const logged = (message: RegExp) =>
      container.log.until(`a line ${message}`, (line) => message.test(line.message));
    const [, share] = limit.exec((await logged(limit)).message) ?? [];
    await container.get(`/keep/${share}`);
    await logged(/its share of the limit of 384mb is \d+mb: it is replaced$/);
    assertEquals((await container.get()).text, "hello");
    assertEquals(await container.stop(), 0);
  });

  for (const name of ["source", "app", "scratch"]) {
    test(`${name}.Dockerfile: HEALTHCHECK, and hurricane probe inside`, async () => {
      await using container = await start(name);
      const { health, entrypoint } = image(name);
      assertEquals(health.slice(1), ["probe", "liveness"]);
      assertEquals(health[0], entrypoint[0]);
      const port = `--probe-port=${container.probePort}`;
      const alive = await container.exec([...health, port]);
      assertEquals(alive, { code: 0, stdout: "alive", stderr: "" });
      const ready = await container.exec([entrypoint[0] ?? "", "probe", "readiness", port]);
      assertEquals([ready.code, ready.stderr], [0, ""]);
      assertMatch(ready.stdout, /^ready/);
      assertEquals(await container.stop(), 0);
      assertEquals(container.leftBehind(), []);
    });
  }

  test("finds the probes by the variables of the pod, and fails where they are not", async () => {
    await using container = await start("app");
    const inside = await container.exec(["/web", "probe", "liveness"]);
    // The variable says 0, which is no port to ask.
    assertEquals(inside.code, 1);
    assertStringIncludes(inside.stderr, "no answer from http://127.0.0.1:0/alive");
  });

  test("PID 1 takes the exit states of orphans", async () => {
    await using container = await start("source");
    const orphan = container.log.items.map(({ line }) => /^orphan (\d+)/.exec(String(line))?.[1])
      .find((pid) => pid !== undefined) ?? "";
    const state = async () => {
      const { text } = await container.get("/processes");
      return JSON.parse(text)[orphan] as string | undefined;
    };
    await eventually("the orphan to end", async () => (await state()) === "Z 1");
    await eventually("the orphan's entry to go", async () => (await state()) === undefined);
    assertEquals((await container.get()).text, "hello");
    assertEquals(container.log.items.filter(({ level }) => level !== "info"), []);
  });

  const ends: Record<string, { args: string[]; told: RegExp }> = {
    "a command failed": {
      args: ["--command", "/hurricane --wrong"],
      told:
        /^cannot start: command "\/hurricane --wrong" exited with 2 .*\nlast output:\n.*--wrong/,
    },
    "the handler crashed": {
      args: ["--max-restarts=0"],
      told:
        /^gave up after 0 restarts within a minute: its process exited with code 1\nError: boom\n.*handler\.ts/,
    },
  };
  for (const [why, { args, told }] of Object.entries(ends)) {
    test(`the termination log has it when ${why}`, async () => {
      const path = place.file("termination-log", "");
      chmodSync(path, 0o666);
      const { entrypoint } = image("source");
      await using container = new Container(image("source"), {
        args: [...entrypoint, "serve", "./handler.ts", ...args],
        env: { HURRICANE_HOST: "127.0.0.1", HURRICANE_PORT: "0", HURRICANE_PROBE_PORT: "0" },
        terminationLog: path,
      });
      if (why === "the handler crashed") {
        await container.serving();
        await container.get("/crash");
      }
      assertEquals((await container.ended).code, 1);
      assertMatch(readFileSync(path, "utf8"), told);
    });
  }

  test("FROM scratch holds the app, the C library, and nothing else", async () => {
    const { rootfs } = image("scratch");
    const files = readdirSync(rootfs, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile()).map(({ name }) => name).sort();
    assertEquals(
      files,
      ["ld-linux-x86-64.so.2", "libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0", "web"],
    );
    await using container = await start("scratch");
    assertEquals((await container.get()).text, "hello");
    assertEquals(await container.stop(), 0);
  });

  // What `hurricane manifest` is given, and the program that is in the image.
  const manifests: Record<string, { file: string; args: string[] }> = {
    source: { file: "hurricane", args: ["./handler.ts", "--command", "./migrate.ts"] },
    app: { file: "web", args: ["--req-queue-len", "4"] },
  };
  for (const [name, { file, args }] of Object.entries(manifests)) {
    test(`${name}.Dockerfile runs as its manifest says`, async () => {
      const built = image(name);
      const program = join(built.rootfs, file);
      const written = await run({ file: program, args: ["manifest", ...args, "--image", "x/web"] });
      assertEquals([written.code, written.stderr], [0, ""]);
      const { spec } = parseAllDocuments(written.stdout)[0]?.toJS().spec.template;
      const [{ args: given, securityContext }] = spec.containers;
      assertEquals(spec.securityContext.runAsUser, built.user);
      assert(securityContext.readOnlyRootFilesystem);
      await using container = await start(name, { args: [...built.entrypoint, ...given] });
      assertEquals((await container.get()).text, "hello");
      const { text } = await container.probe("/ready");
      assertStringIncludes(text, `of ${name === "app" ? 4 : 100}`);
      assert(container.log.items.some(({ line }) => line === "command 65532"));
      assertEquals(await container.stop(), 0);
    });
  }

  test("the examples serve as they are", async () => {
    await using container = await start("example");
    assertEquals((await container.get()).text, "hello from the image\n");
    const lines = container.log.items.map(({ line }) => String(line));
    assert(lines.some((line) => line.startsWith("nothing to migrate")), JSON.stringify(lines));
    assertEquals(await container.stop(), 0);
  });

  test("what init writes is an image, with further modules and packages", async () => {
    const context = join(place.path, "shop");
    const { code } = await run({ file: executable, args: ["init", context] });
    assertEquals(code, 0);
    copyFileSync(executable, join(context, "hurricane"));
    place.file("shop/text.ts", `export const text: string = "hello from the shop";`);
    place.file(
      "shop/handler.ts",
      `import { Hono } from "hono";
      import { text } from "./text.ts";
      export default new Hono().get("/", (c) => c.text(text));`,
    );
    // What `bun install` leaves of what this stage copies.
    const stage = join(place.path, "shop-packages");
    cpSync(join(place.path, "packages"), stage, { recursive: true });
    copyFileSync(join(context, "package.json"), join(stage, "app/package.json"));
    const work = join(place.path, "shop-image");
    const dockerfile = join(context, "Dockerfile");
    images.set("shop", await buildImage(dockerfile, { context, work, given: { packages: stage } }));
    await using container = await start("shop");
    assertEquals((await container.get()).text, "hello from the shop");
    const lines = container.log.items.map(({ line }) => String(line));
    assert(lines.includes("nothing to migrate yet"), JSON.stringify(lines));
    assertEquals(await container.stop(), 0);
  });

  test("an application that is there already is served as it is", async () => {
    const context = layContext("existing", {});
    const dockerfile = join(examples, "existing.Dockerfile");
    const built = place.file("existing-built/app/package.json", `{ "name": "shop" }`);
    place.file(
      "existing-built/app/package-lock.json",
      `{ "name": "shop", "lockfileVersion": 3, "requires": true, "packages": {} }`,
    );
    place.file("existing-built/app/views/hello.txt", "hello from a file");
    place.file(
      "existing-built/app/dist/main.js",
      `const { createReadStream } = require("node:fs");
      const file = require("node:path").join(__dirname, "../views/hello.txt");
      require("node:http").createServer((request, response) => {
        response.setHeader("X-Mode", process.env.NODE_ENV);
        createReadStream(file).pipe(response);
      }).listen(3000, "localhost");`,
    );
    // There is no image of Node here, but its npm.
    const env = { PATH: process.env.PATH ?? "", npm_config_audit: "false" };
    const steps = [...readFileSync(dockerfile, "utf8").matchAll(/^RUN (.*)$/gm)];
    for (const [, step = ""] of steps) {
      const [file = "", ...args]: string[] = JSON.parse(step);
      const { code, stderr } = await run({ file, args, cwd: dirname(built), env });
      assertEquals(code, 0, `${step}: ${stderr}`);
    }
    assert(steps.length > 1);
    images.set(
      "existing",
      await buildImage(dockerfile, {
        context,
        work: join(place.path, "existing-image"),
        given: { built: dirname(dirname(built)) },
      }),
    );
    await using container = await start("existing");
    const { text, headers } = await container.get();
    assertEquals([text, headers["x-mode"]], ["hello from a file", "production"]);
    assertEquals((await container.probe("/ready")).status, 200);
    assertEquals(await container.stop(), 0);
  });

  test("the release's own image runs what it is told", async () => {
    const args = { TARGETARCH: "amd64" };
    const context = join(place.path, "release");
    place.file("release/dist/image/amd64/.keep", "");
    copyFileSync(executable, join(context, "dist/image/amd64/hurricane"));
    const work = join(place.path, "release-image");
    const built = await buildImage(join(repository, ".github/Dockerfile"), { context, work, args });
    assertEquals([built.user, built.entrypoint, built.workdir], [65532, ["/hurricane"], "/app"]);
    await using container = new Container({ ...built, cmd: ["--version"] });
    const { code, stdout, stderr } = await container.ended;
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^hurricane \d+\.\d+\.\d+ \(bun \S+, linux-/);
  });
});

/** A request whose body is not complete until `end` is called. */
function post(container: Container, path: string) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const sent = httpRequest(container.url(path), { method: "POST", agent: false }, (response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (chunk: string) => text += chunk);
    response.on("end", () => resolve(text));
  });
  sent.on("error", reject);
  sent.write("");
  sent.flushHeaders();
  return { answer: promise, end: (text: string) => void sent.end(text) };
}
