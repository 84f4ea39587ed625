import { describe, test } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parse } from "yaml";
import { version } from "../../src/version.ts";
import { repository } from "../support/executable.ts";
import { helm, kubernetesToolsMissing } from "../support/kubernetes/tools.ts";
import { run } from "../support/program.ts";

interface Step {
  uses?: string;
  run?: string;
}

interface Workflow {
  jobs: Record<string, { uses?: string; steps?: Step[] }>;
}

const folder = join(repository, ".github/workflows");

function script(file: string, ...args: string[]) {
  const env = { PATH: process.env["PATH"] ?? "", HOME: homedir(), NO_COLOR: "1" };
  return run({ file: join(repository, file), args, cwd: repository, env });
}

/** The start of a file, as text of one byte a character. */
function head(name: string): string {
  return readFileSync(join(repository, "dist", name)).toString("latin1", 0, 4096);
}

describe("release", () => {
  test("the workflows are YAML and call scripts that are there", () => {
    const called = new Set<string>();
    for (const name of readdirSync(folder)) {
      const { jobs } = parse(readFileSync(join(folder, name), "utf8"), {
        strict: true,
      }) as Workflow;
      const steps = Object.values(jobs).flatMap((job) => [job, ...job.steps ?? []]) as Step[];
      for (const { uses = "", run = "" } of steps) {
        if (uses.startsWith("./")) called.add(uses);
        else if (uses !== "") assertMatch(uses, /^[\w-]+\/[\w-]+@v\d+$/);
        for (const [path] of run.matchAll(/\.\/[\w./-]+/g)) called.add(path);
      }
    }
    const expected = ["./.ci/run", "./.github/workflows/test.yml", "./scripts/release"];
    assertEquals([...called].sort(), [...expected, "./scripts/versions"]);
    for (const path of [".ci/run", "scripts/release", "scripts/build"]) {
      accessSync(join(repository, path), constants.X_OK);
    }
  });

  test("a tag that is not the version's is refused", async () => {
    const { code, stderr } = await script("scripts/release", "v99.0.0");
    assertEquals(code, 1);
    assertStringIncludes(stderr, `"v99.0.0"`);
    assertStringIncludes(stderr, `give v${version}`);
  });

  test("scripts/build refuses an unknown target", async () => {
    for (const args of [["--target", "vax"], ["--target"], ["--target", "*"], ["all"]]) {
      const { code, stdout, stderr } = await script("scripts/build", ...args);
      assertEquals([code, stdout], [2, ""]);
      assertStringIncludes(stderr, "linux-arm64-musl");
    }
  });

  // What is not in Bun's cache is fetched: 480 MB.
  const timeout = 600_000;
  test("all targets are built, with their sums, and can be published", { timeout }, async () => {
    const { code, stdout, stderr } = await script("scripts/release", `v${version}`);
    if (/Failed to download/.test(stderr)) {
      return console.log("skipped: a release: the bases of other targets cannot be fetched here");
    }
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, `v${version} is ready`);

    const machO = "\xcf\xfa\xed\xfe";
    const targets: Record<string, { magic: string; machine: number; at: number; has: string }> = {
      "linux-x64": { magic: "\x7fELF", at: 18, machine: 62, has: "/lib64/ld-linux-x86-64.so.2" },
      "linux-x64-musl": { magic: "\x7fELF", at: 18, machine: 62, has: "/lib/ld-musl-x86_64.so.1" },
      "linux-arm64": { magic: "\x7fELF", at: 18, machine: 183, has: "/lib/ld-linux-aarch64.so.1" },
      "linux-arm64-musl": {
        magic: "\x7fELF",
        at: 18,
        machine: 183,
        has: "/lib/ld-musl-aarch64.so.1",
      },
      "darwin-x64": { magic: machO, at: 4, machine: 7, has: "__TEXT" },
      "darwin-arm64": { magic: machO, at: 4, machine: 12, has: "__TEXT" },
    };
    for (const [target, { magic, at, machine, has }] of Object.entries(targets)) {
      const name = `hurricane-${target}`;
      const start = head(name);
      assert(start.startsWith(magic), target);
      assertEquals(start.charCodeAt(at), machine, target);
      assertStringIncludes(start, has);
      const content = readFileSync(join(repository, "dist", name));
      const sum = createHash("sha256").update(content).digest("hex");
      const written = readFileSync(join(repository, "dist", `${name}.sha256`), "utf8");
      assertEquals(written, `${sum}  ${name}\n`);
    }
    const reference = join(repository, "dist/hurricane-api.tar.gz");
    const pages = execFileSync("tar", ["-tzf", reference], { encoding: "utf8" }).split("\n");
    assert(pages.includes("api/index.html"), pages.slice(0, 9).join(", "));
    const chart = join(repository, `dist/hurricane-${version}.tgz`);
    if (kubernetesToolsMissing !== undefined) {
      console.log(`${kubernetesToolsMissing} (release_test.ts)`);
    } else {
      const { status, stdout, stderr } = helm("template", "web", chart, "--set", "image=web:1");
      assertEquals([status, stderr], [0, ""]);
      assertMatch(stdout, /^kind: Deployment$/m);
      assertStringIncludes(helm("show", "chart", chart).stdout, `version: ${version}\n`);
    }
    assertEquals(readdirSync(join(repository, "dist/image")).sort(), ["amd64", "arm64"]);
    const arm = readFileSync(join(repository, "dist/image/arm64/hurricane"));
    assert(arm.equals(readFileSync(join(repository, "dist/hurricane-linux-arm64"))));
  });
});
