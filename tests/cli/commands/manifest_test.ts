import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { runtime } from "../../../src/runtime/mod.ts";
import { readManifest } from "../../manifest/made.ts";
import { TempDir } from "../../support/temp_dir.ts";

const program = fileURLToPath(new URL("../program.ts", import.meta.url));

function hurricane(argv: string[], variables: Record<string, string> = {}) {
  const { file, args, env } = runtime.script(program);
  const { status, stdout, stderr } = spawnSync(file, [...args, ...argv], {
    env: { ...process.env, ...env, ...variables },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

describe("hurricane manifest", () => {
  const args = [
    ...["manifest", "./handler.ts", "--image", "registry.example/web:1"],
    ...["--autoscale", "2..10", "--monitor", "--port", "3000"],
  ];

  test("prints a manifest and nothing else", () => {
    const { status, stdout, stderr } = hurricane(args);
    assertEquals([status, stderr], [0, ""]);
    const { kinds, container } = readManifest(stdout);
    assertEquals(kinds, [
      ...["Deployment", "Service", "PodDisruptionBudget", "ScaledObject", "PodMonitor"],
      "PrometheusRule",
    ]);
    assertEquals(container.args, ["serve", "./handler.ts", "--port=3000"]);
    assert(stdout.endsWith("\n") && !stdout.endsWith("\n\n"));
  });

  test("warns of what is probably not meant, beside the manifest", () => {
    const { status, stdout, stderr } = hurricane([
      ...["manifest", "./handler.ts", "--image", "registry.example/web:1"],
      ...["--shutdown-delay", "1.5s", "--replicas", "0"],
    ]);
    assertEquals(status, 0);
    assertEquals(readManifest(stdout).kinds[0], "Deployment");
    const [delay, replicas, ...more] = stderr.trimEnd().split("\n");
    assertMatch(
      delay ?? "",
      /^hurricane: warning: with --shutdown-delay 1\.5s each rollout loses requests: .* give 4s or more$/,
    );
    assertMatch(
      replicas ?? "",
      /^hurricane: warning: with --replicas 0 no pod runs, .*: kubectl scale deployment web --replicas 2$/,
    );
    assertEquals(more, []);
  });

  test("does not look at variables", () => {
    const expected = hurricane(args);
    const variables = {
      HURRICANE_PORT: "4000",
      HURRICANE_IMAGE: "other",
      HURRICANE_NAME: "other",
      HURRICANE_REQ_QUEUE_LEN: "wrong",
      HURRICANE_WEBHOOK_URL: "http://ops/",
      HURRICANE_NO_PROBE: "1",
      PORT: "4000",
    };
    assertEquals(hurricane(args, variables), expected);
    assertEquals(hurricane(["manifest"], { HURRICANE_IMAGE: "web" }).status, 2);
  });

  test("is used wrongly: exit code 2, and one line on standard error", () => {
    assertEquals(hurricane(["manifest", "--image", "registry.example/web", "--name", "W"]), {
      status: 2,
      stdout: "",
      stderr: "hurricane: --name must be at most 63 lower-case letters, digits and dashes, " +
        'the first a letter and the last no dash, not "W"\n',
    });
  });

  test("writes a base for kustomize, and nothing over what is there", () => {
    using folder = new TempDir();
    const base = join(folder.path, "k8s", "base");
    const argv = ["manifest", "--image", "registry.example/web:1", "--kustomize", base];
    const names = [
      ...["kustomization.yaml", "deployment.yaml", "service.yaml"],
      "pod-disruption-budget.yaml",
    ];
    const stdout = `${base}: ${names.join(", ")}\n`;
    assertEquals(hurricane(argv), { status: 0, stdout, stderr: "" });
    assertEquals(readdirSync(base).sort(), [...names].sort());

    rmSync(join(base, "kustomization.yaml"));
    writeFileSync(join(base, "service.yaml"), "mine");
    const there = names.filter((name) => name !== "kustomization.yaml").join(", ");
    assertEquals(hurricane(argv), {
      status: 2,
      stdout: "",
      stderr: `hurricane: --kustomize "${base}" has ${there} already, and nothing is written: ` +
        "remove what is there, or give another directory\n",
    });
    assertFalse(existsSync(join(base, "kustomization.yaml")));
    assertEquals(readFileSync(join(base, "service.yaml"), "utf8"), "mine");

    const inFile = hurricane([...argv.slice(0, -1), join(base, "service.yaml", "x")]);
    assertEquals([inFile.status, inFile.stdout], [2, ""]);
    assertMatch(inFile.stderr, /^hurricane: --kustomize ".*\/x" cannot be written: ENOTDIR.*\n$/);
  });

  test("is called by an application's own name, without a handler", () => {
    const variables = { BUILTIN: "./app" };
    const { status, stdout } = hurricane(["manifest", "--image=web", "--port=80"], variables);
    assertEquals(status, 0);
    assertEquals(readManifest(stdout).container.args, ["--port=80"]);
    const help = hurricane(["manifest", "--help"], variables).stdout;
    assertStringIncludes(help, "$ ./app manifest [options]\n");
    assertFalse(help.includes("handler.ts"), help);
  });

  test("has a help that shows its own options and points to those of serve", () => {
    const { status, stdout } = hurricane(["manifest", "--help"]);
    assertEquals(status, 0);
    for (const text of ["  --image <IMAGE>  ", "  --autoscale <MIN..MAX>  ", "options of serve"]) {
      assertStringIncludes(stdout, text);
    }
    assertFalse(stdout.includes("--req-queue-len"), stdout);
    assertFalse(stdout.includes("HURRICANE_"), stdout);
    for (const line of stdout.split("\n")) assert(line.length <= 100, line);
  });
});
