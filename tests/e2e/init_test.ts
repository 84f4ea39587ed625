import { existsSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parseAllDocuments } from "yaml";
import { form, Hurricane, run } from "../support/hurricane.ts";

const names = [
  "handler.ts",
  "migrate.ts",
  "package.json",
  "Dockerfile",
  ".dockerignore",
  ".gitignore",
  "kubernetes.yaml",
];

/** Runs a command in a folder, to its end. */
async function ended(args: string[], dir: string) {
  const hurricane = new Hurricane(args, {}, dir);
  const { code } = await hurricane.exited;
  return { code, out: hurricane.stdout.items.join("\n"), err: hurricane.stderr.items.join("\n") };
}

function folder(): string {
  return mkdtempSync(join(tmpdir(), "hurricane-e2e-"));
}

describe(`init (${form})`, () => {
  test("what it writes is served, with its migration, its check and its end", async () => {
    const dir = folder();
    const { code, out, err } = await ended(["init", "my-shop"], dir);
    assertEquals([code, err], [0, ""]);
    assertStringIncludes(out, "next: cd my-shop && hurricane serve ./handler.ts");
    for (const name of names) assert(existsSync(join(dir, "my-shop", name)), name);
    const args = ["--host=127.0.0.1", "--port=0", "--probe-port=0", "--command=./migrate.ts"];
    await using hurricane = new Hurricane(
      ["serve", "./handler.ts", ...args],
      {},
      join(dir, "my-shop"),
    );
    await hurricane.serving();
    assertEquals((await hurricane.get("/x")).text, "Hello from /x\n");
    const { checks } = JSON.parse(
      (await hurricane.probe("/ready", { headers: { accept: "application/json" } })).text,
    );
    assertEquals(checks[0].status, "succeeded");
    assertEquals(await hurricane.stop(), 0);
    assert(hurricane.stdout.items.includes("the last request has been answered"));
    assert(hurricane.log.items.some(({ message }) => message.includes("nothing to migrate yet")));
  });

  test("the manifest is what manifest prints", async () => {
    const dir = folder();
    await ended(["init", "my-shop"], dir);
    const args = ["./handler.ts", "--image", "registry.example/my-shop:1"];
    const { out } = await ended(["manifest", ...args, "--command", "./migrate.ts"], dir);
    const written = readFileSync(join(dir, "my-shop/kubernetes.yaml"), "utf8");
    assertEquals(written.trimEnd(), out.trimEnd());
    const [first] = parseAllDocuments(written).map((document) => document.toJS());
    assertEquals(first.metadata.name, "my-shop");
  });

  test("overwrites nothing, names what is there, and exits 2", async () => {
    const dir = folder();
    writeFileSync(join(dir, "handler.ts"), "mine");
    symlinkSync("nowhere", join(dir, "kubernetes.yaml"));
    const { code, out, err } = await ended(["init", "."], dir);
    assertEquals([code, out], [2, ""]);
    assertMatch(
      err,
      /nothing was written, .* has handler\.ts, kubernetes\.yaml: give another folder/,
    );
    assertEquals(readFileSync(join(dir, "handler.ts"), "utf8"), "mine");
    for (
      const name of ["migrate.ts", "package.json", "Dockerfile", ".dockerignore", ".gitignore"]
    ) {
      assertEquals(existsSync(join(dir, name)), false, name);
    }
  });

  test("a folder that is a file, and several, are refused", async () => {
    const dir = folder();
    writeFileSync(join(dir, "file"), "");
    const refused = await ended(["init", "file"], dir);
    assertEquals(refused.code, 2);
    assertMatch(refused.err, /file cannot be written to/);
    await using several = run(["init", "a", "b"]);
    assertEquals((await several.exited).code, 2);
    assertStringIncludes(several.stderr.items.join("\n"), "init takes one folder");
  });

  test("a package.json and a .gitignore that are there stay as they are", async () => {
    const dir = folder();
    writeFileSync(join(dir, "package.json"), "{}");
    writeFileSync(join(dir, ".gitignore"), "mine");
    const { code, out } = await ended(["init"], dir);
    assertEquals(code, 0);
    assertEquals(/package\.json|\.gitignore/.test(out), false);
    assertEquals(readFileSync(join(dir, ".gitignore"), "utf8"), "mine");
    assertEquals(readFileSync(join(dir, "package.json"), "utf8"), "{}");
    assert(existsSync(join(dir, "Dockerfile")));
  });
});

describe(`--config (${form})`, () => {
  test("serves with the options of a file, and a flag goes before them", async () => {
    const dir = folder();
    await ended(["init", "."], dir);
    const toml = 'host = "127.0.0.1"\nport = 0\nprobe-port = 0\nreq-queue-len = 7\n' +
      'readiness-probe = "/r"\ncommand = "./migrate.ts"\n';
    writeFileSync(join(dir, "hurricane.toml"), toml);
    const args = ["serve", "./handler.ts", "--config", "hurricane.toml", "--req-queue-len=3"];
    await using hurricane = new Hurricane(args, {}, dir);
    await hurricane.serving();
    const ready = await hurricane.probe("/r", { headers: { accept: "application/json" } });
    assertEquals(JSON.parse(ready.text).queue.limit, 3);
    assert(hurricane.log.items.some(({ message }) => message.includes("nothing to migrate yet")));
    assertEquals(await hurricane.stop(), 0);
  });

  test("is read by probe as well, and what is wrong with it is one line and exit 2", async () => {
    const dir = folder();
    writeFileSync(join(dir, "h.ts"), "export default () => new Response();");
    writeFileSync(join(dir, "hurricane.toml"), "# one\nprot = 1\n");
    for (const args of [["serve", "./h.ts"], ["consume", "./h.ts"], ["probe", "readiness"]]) {
      const hurricane = new Hurricane(args, { HURRICANE_CONFIG: "hurricane.toml" }, dir);
      assertEquals((await hurricane.exited).code, 2);
      assertEquals(hurricane.stderr.items.length, 1);
      assertStringIncludes(
        hurricane.stderr.items[0] ?? "",
        "hurricane.toml, line 2: prot is no option of serve; did you mean port?",
      );
    }
  });
});
