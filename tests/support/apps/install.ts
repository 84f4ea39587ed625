/**
 * Lays applications out in `.tools/apps`: their packages from npm, their own files, what is built of them.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { root } from "../instance.ts";
import type { App } from "./app.ts";

/** Where an application is laid out. */
export function folderOf(name: string): string {
  return join(root, ".tools/apps", name);
}

/**
 * Installs and builds, where that has not been done or is out of date.
 *
 * @returns why it cannot be done here, where npm reaches no registry
 */
export function install(app: App): string | undefined {
  mkdirSync(folderOf(""), { recursive: true });
  return locked(`${folderOf(app.name)}.lock`, () => layOut(app));
}

/**
 * Installs packages that a test uses itself.
 *
 * @returns why it cannot be done here, where npm reaches no registry
 */
export function installPackages(wanted: Packages): string | undefined {
  mkdirSync(folderOf(""), { recursive: true });
  return locked(`${folderOf(wanted.name)}.lock`, () => layPackages(wanted));
}

type Packages = Pick<App, "name" | "packages" | "manifest">;

/** The stamps hold what was laid out: a step that did not come to its end has none. */
function layOut(app: App): string | undefined {
  const folder = folderOf(app.name);
  const unreachable = layPackages(app);
  if (unreachable !== undefined) return unreachable;
  const own = join(root, "tests/apps", app.name);
  const steps = fileURLToPath(new URL("steps.js", import.meta.url));
  const made = digest([JSON.stringify(app.build ?? []), ...contents(own), readFileSync(steps)]);
  const files = join(folder, ".files-stamp");
  if (read(files) === made) return undefined;
  rmSync(files, { force: true });
  cpSync(own, folder, { recursive: true });
  copyFileSync(steps, join(folder, "steps.js"));
  for (const command of app.build ?? []) build(folder, command);
  writeFileSync(files, made);
  return undefined;
}

/** The packages alone. */
function layPackages({ name, packages, manifest: more }: Packages): string | undefined {
  const folder = folderOf(name);
  const manifest = JSON.stringify(
    { name, private: true, type: "module", dependencies: packages, ...more },
    null,
    2,
  );
  const stamp = join(folder, ".packages-stamp");
  if (read(stamp) === manifest) return undefined;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), manifest);
  // Without one, Deno would take Hurricane's deno.json.
  writeFileSync(join(folder, "deno.json"), '{ "nodeModulesDir": "manual" }\n');
  const unreachable = Object.keys(packages).length > 0 ? npmInstall(folder) : undefined;
  if (unreachable !== undefined) return `skipped: ${name}: ${unreachable}`;
  writeFileSync(stamp, manifest);
  return undefined;
}

/** Why npm cannot reach what it installs from. Throws where it fails for another reason. */
function npmInstall(folder: string): string | undefined {
  const { status, error, stderr = "" } = spawnSync(
    "npm",
    [
      ...["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"],
      ...["--loglevel=error"],
    ],
    { cwd: folder, encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] },
  );
  if (error !== undefined) return `npm cannot be run: ${error.message}`;
  if (status === 0) return undefined;
  const reason = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH)\b/.exec(
    stderr,
  );
  if (reason !== null) return `npm reaches no registry (${reason[0]})`;
  throw new Error(`npm cannot install what ${folder}/package.json names:\n${stderr}`);
}

function build(folder: string, words: readonly string[]): void {
  // Several frameworks want a newer Node than machines have; with Bun, all of them can be built.
  const bun = process.env["HURRICANE_BUN"] ?? "bun";
  const [file = "", ...args] = words.map((word) => word === "bun" ? bun : word);
  const path = [join(folder, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
  const { status, error, stdout, stderr } = spawnSync(file, args, {
    cwd: folder,
    encoding: "utf8",
    // The tests have one of their own, for which frameworks would build something else.
    env: { ...process.env, NODE_ENV: "production", PATH: path, CI: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (status === 0) return;
  const why = error?.message ?? `${stdout}${stderr}`;
  throw new Error(`${[file, ...args].join(" ")} failed in ${folder}:\n${why}`);
}

/** The paths and contents of all files in a folder. */
function contents(folder: string): (string | Uint8Array)[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .filter((path) => statSync(join(folder, path)).isFile())
    .flatMap((path) => [path, readFileSync(join(folder, path))]);
}

function digest(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}

function read(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** Runs one at a time, also among processes. A lock whose holder has died does not count. */
function locked<T>(file: string, work: () => T): T {
  while (!lock(file)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  try {
    return work();
  } finally {
    rmSync(file, { force: true });
  }
}

function lock(file: string): boolean {
  try {
    const descriptor = openSync(file, "wx");
    writeFileSync(descriptor, String(process.pid));
    closeSync(descriptor);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const holder = Number(read(file) ?? "");
    if (holder > 0 && !existsSync(`/proc/${holder}`)) rmSync(file, { force: true });
    return false;
  }
}
