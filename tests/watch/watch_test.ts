import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { pause } from "../support/wait.ts";
import { WatchedProject } from "./project.ts";

const handler = "app/handler.ts";

describe("what counts:", () => {
  test("the handler before it has ever been started", async () => {
    using project = await WatchedProject.start();
    assertEquals(await project.told(() => project.write(handler)), [handler]);
  });

  test("what it has imported, wherever that lies", async () => {
    const files = ["app/lib/a.ts", "app/lib/deep/b.json", "shared/c.html", "packages/d/src/d.css"];
    using project = await WatchedProject.start({ files });
    for (const file of files) assertEquals(await project.told(() => project.write(file)), [file]);
  });

  test("no longer what the code that runs now does not import", async () => {
    using project = await WatchedProject.start({ files: ["app/old.ts", "app/new.ts"] });
    await project.restart("app/new.ts");
    assertEquals(await project.told(() => project.write("app/old.ts"), 0), []);
    assertEquals(await project.told(() => project.write("app/new.ts")), ["app/new.ts"]);
  });

  test("what is imported later", async () => {
    using project = await WatchedProject.start({ files: ["app/lazy.ts"], imported: [] });
    assertEquals(await project.told(() => project.write("app/lazy.ts"), 0), []);
    await pause(30);
    project.watch.starting();
    project.started();
    project.watch.loaded(project.paths("app/lazy.ts"));
    assertEquals(await project.told(() => project.write("app/lazy.ts")), ["app/lazy.ts"]);
    assertEquals(await project.told(() => project.write(handler)), [handler]);
  });

  test("what lies in a directory that goes and comes back", async () => {
    const files = ["app/lib/a.ts", "app/lib/deep/b.ts"];
    using project = await WatchedProject.start({ files });
    const all = [files.join(" ")];
    const renew = () => {
      project.delete("app/lib");
      for (const file of files) project.write(file);
    };
    for (let times = 0; times < 2; times++) {
      assertEquals(await project.told(() => project.delete("app/lib")), all);
      assertEquals(await project.told(() => files.forEach((file) => project.write(file))), all);
      assertEquals(await project.told(renew), all);
      assertEquals(await project.told(() => project.move("app/lib", "app/lib2")), all);
      assertEquals(await project.told(() => project.move("app/lib2", "app/lib")), all);
      for (const file of files) assertEquals(await project.told(() => project.write(file)), [file]);
    }
  });

  test("the scripts and styles of an imported page", async () => {
    using project = await WatchedProject.start({
      files: ["app/page.html", "app/front/main.tsx", "app/front/part.ts", "app/front/page.css"],
      imported: [],
    });
    project.write(
      "app/page.html",
      `<link rel="stylesheet" href="front/page.css"><script src="./front/main.tsx"></script>`,
    );
    project.write("app/front/main.tsx", `import { part } from "./part";`);
    await project.restart("app/page.html");
    for (const file of ["app/front/page.css", "app/front/main.tsx", "app/front/part.ts"]) {
      assertEquals(await project.told(() => project.write(file)), [file]);
    }
  });

  test(".env files of the working directory that are made, written and deleted", async () => {
    using project = await WatchedProject.start();
    // Bun's tests run with NODE_ENV=test.
    const mode = process.env["NODE_ENV"] ?? "development";
    for (const name of [".env", ".env.local", `.env.${mode}`, `.env.${mode}.local`]) {
      const file = `app/${name}`;
      assertEquals(await project.told(() => project.write(file, "A=1\n")), [file]);
      assertEquals(await project.told(() => project.write(file, "A=2\n")), [file]);
      assertEquals(await project.told(() => project.delete(file)), [file]);
    }
    assertEquals(await project.told(() => project.write("app/.env.example", "A=1\n"), 0), []);
  });

  test("the configuration of the project, and what would come before it", async () => {
    const configuration = ["app/package.json", "package.json"];
    using project = await WatchedProject.start({ files: configuration, imported: [] });
    for (const file of configuration.slice(0, 1)) {
      assertEquals(await project.told(() => project.write(file, "{}")), [file]);
    }
    assertEquals(await project.told(() => project.write("app/deno.json", "{}")), ["app/deno.json"]);
    // The package.json further up does not apply.
    assertEquals(await project.told(() => project.write("package.json", "{}"), 0), []);
  });
});

describe("a watch path", () => {
  test("may be a file", async () => {
    using project = await WatchedProject.start({ files: ["data/x.csv"], imported: [] });
    assertEquals(await project.told(() => project.write("data/x.csv"), 0), []);
    using other = await WatchedProject.start({
      files: ["data/x.csv", "data/y.csv"],
      imported: [],
      watchPath: ["../data/x.csv"],
    });
    assertEquals(await other.told(() => other.write("data/x.csv")), ["data/x.csv"]);
    assertEquals(await other.told(() => other.write("data/y.csv"), 0), []);
  });

  test("may be a directory with all that is in it, and all that comes", async () => {
    using project = await WatchedProject.start({
      files: ["app/views/a.eta", "app/views/parts/b.eta"],
      imported: [],
      watchPath: ["views"],
    });
    const written = ["a.eta", "parts/b.eta", "parts/new.eta", "more/and/more/c.eta"];
    for (const file of written.map((name) => `app/views/${name}`)) {
      assertEquals(await project.told(() => project.write(file)), [file]);
      assertEquals(await project.told(() => project.write(file)), [file]);
    }
    const gone = "app/views/more/and/more/c.eta";
    assertEquals(await project.told(() => project.delete("app/views/more")), [gone]);
    const moved = ["app/views/elsewhere/b.eta", "app/views/elsewhere/new.eta"];
    const from = ["app/views/parts/b.eta", "app/views/parts/new.eta"];
    const move = () => project.move("app/views/parts", "app/views/elsewhere");
    assertEquals(await project.told(move), [[...moved, ...from].join(" ")]);
  });

  test("leaves out packages, dotfiles, backups, and what comes and goes", async () => {
    using project = await WatchedProject.start({
      files: ["app/views/a.eta", "app/views/node_modules/p/index.js", "app/views/.cache/c"],
      imported: [],
      watchPath: ["views"],
    });
    const write = () => {
      for (
        const name of ["node_modules/p/index.js", ".cache/c", ".a.eta.swp", "a.eta~", "#a.eta#"]
      ) {
        project.write(`app/views/${name}`);
      }
      project.write("app/views/4913");
      project.delete("app/views/4913");
      project.write("app/views/temporary");
      project.delete("app/views/temporary");
      mkdirSync(project.path("app/views/empty"));
    };
    assertEquals(await project.told(write, 0), []);
  });

  test("need not exist yet, and may be a file or a directory then", async () => {
    using project = await WatchedProject.start({
      watchPath: ["not/yet/there.yaml", "nor/this"],
    });
    const file = "app/not/yet/there.yaml";
    assertEquals(await project.told(() => project.write(file)), [file]);
    assertEquals(await project.told(() => project.write(file)), [file]);
    assertEquals(await project.told(() => project.delete("app/not")), [file]);
    assertEquals(await project.told(() => project.write(file)), [file]);
    for (const name of ["app/nor/this/a", "app/nor/this/b/c"]) {
      assertEquals(await project.told(() => project.write(name)), [name]);
      assertEquals(await project.told(() => project.write(name)), [name]);
    }
  });
});

describe("while the handler is started", () => {
  test("a change is told of, for the process may have read the file before", async () => {
    using project = await WatchedProject.start();
    await pause(30);
    project.watch.starting();
    assertEquals(await project.told(() => project.write(handler)), [handler]);
  });

  test("a file that nobody knew of has changed if it was written after the start began", async () => {
    using project = await WatchedProject.start({ files: ["app/before.ts"], imported: [] });
    await pause(30);
    project.watch.starting();
    project.write("app/during.ts");
    const started = () => project.started("app/before.ts", "app/during.ts");
    assertEquals(await project.told(started), ["app/during.ts"]);
    assertEquals(await project.told(() => project.write("app/before.ts")), ["app/before.ts"]);
  });

  test("a file that is written as it was has not changed: the handler may generate it", async () => {
    using project = await WatchedProject.start({ files: ["app/generated.ts"] });
    await pause(30);
    project.watch.starting();
    const file = project.path("app/generated.ts");
    const generate = () => writeFileSync(file, readFileSync(file));
    const sentinel = await project.told(async () => {
      generate();
      await pause(60);
      project.started("app/generated.ts");
    }, 0);
    assertEquals(sentinel, []);
  });
});

describe("after a start that failed", () => {
  test("what ran before still counts", async () => {
    using project = await WatchedProject.start({ files: ["lib/a.ts"] });
    await pause(30);
    project.watch.starting();
    project.watch.failed("Error: no");
    assertEquals(await project.told(() => project.write("lib/a.ts")), ["lib/a.ts"]);
  });

  const fixes: Record<string, { source: string; trace?: string; fix: string }> = {
    "a file that is imported, by others, wherever it is": {
      source: `import "../lib/a.ts";`,
      fix: "lib/c.ts",
    },
    "a file that is imported and does not exist": { source: `import "./no.ts";`, fix: "app/no.ts" },
    "one in a directory that does not exist": {
      source: `import "../not/there/x.ts";`,
      fix: "not/there/x.ts",
    },
    "one without its ending": { source: `import "../more/x";`, fix: "more/x.tsx" },
    "a file that the error names": {
      source: "",
      trace: `Error: no\n    at f (file://FOLDER/other/x.ts:3:4)`,
      fix: "other/x.ts",
    },
    "any source file of the project": { source: `import "@/far.ts";`, fix: "app/new/src/far.ts" },
  };
  for (const [name, { source, trace = "Error: no", fix }] of Object.entries(fixes)) {
    test(`${name} counts`, async () => {
      using project = await WatchedProject.start();
      project.write("lib/a.ts", `export * from "./b.ts";`);
      project.write("lib/b.ts", `const c = await import("./c.ts");`);
      project.write("lib/c.ts", `export {`);
      project.write(handler, source);
      await pause(100);
      project.watch.starting();
      project.watch.failed(trace.replace("FOLDER", project.dir.path));
      // Once the change of the handler itself has been told.
      await project.told(() => {}, 0);
      assertEquals(await project.told(() => project.write(fix)), [fix]);
      assertEquals(await project.told(() => project.write(fix)), [fix]);
    });
  }

  test("what the project writes beside its source does not count", async () => {
    using project = await WatchedProject.start();
    await pause(30);
    project.watch.starting();
    project.watch.failed("");
    const files = ["app/log/app.log", "app/data.sqlite-wal", "app/node_modules/a/index.js"];
    const write = () => files.forEach((file) => project.write(file));
    assertEquals(await project.told(write, 0), []);
  });

  test("only what is imported counts once it has started", async () => {
    using project = await WatchedProject.start({ files: ["app/other.ts"], imported: [] });
    await pause(30);
    project.watch.starting();
    project.watch.failed("");
    assertEquals(await project.told(() => project.write("app/other.ts")), ["app/other.ts"]);
    await project.restart();
    assertEquals(await project.told(() => project.write("app/other.ts"), 0), []);
  });
});

test("a closed watch tells nothing", async () => {
  using project = await WatchedProject.start();
  using other = await WatchedProject.start();
  const told = other.told(async () => {
    project.write(handler);
    await pause(1);
    project.watch.close();
    project.write(handler);
  }, 0);
  assertEquals(await told, []);
  assertEquals(project.changes, []);
});
