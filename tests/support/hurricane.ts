/**
 * The real Hurricane as a subprocess, in the form that `HURRICANE_FORM` names: from source on
 * `bun` (the default) or `deno`, or the `executable` that scripts/build wrote.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Hurricane, root } from "./instance.ts";

export { form, Hurricane, runtime } from "./instance.ts";

/** What can be set for {@linkcode launch}. */
export interface LaunchOptions {
  /** After `serve handler.ts`. Ports and host are free ports of the loopback interface unless given. */
  args?: string[];
  /** Listens where it does by default. */
  everywhere?: boolean;
  /** More environment. */
  env?: Record<string, string>;
  /** More files beside the handler, by relative path. */
  files?: Record<string, string>;
  /** Packages of this repository that the handler's own package.json and node_modules name. */
  packages?: string[];
  /** A `node_modules` that lies beside the handler. */
  modules?: string;
  /** The handler's file name. Default `handler.ts`. */
  name?: string;
  /** Leads a process group, as it does in a shell: see {@linkcode Hurricane.interrupt}. */
  detached?: boolean;
  /** A command that runs it in its own place, as `nohup` does. */
  under?: string[];
}

/** Starts `hurricane serve` with a handler in a directory of its own and does not wait. */
export function launch(handler: string, options: LaunchOptions = {}): Hurricane {
  const { args = [], env = {}, files = {}, packages = [], name = "handler.ts" } = options;
  const dir = mkdtempSync(join(tmpdir(), "hurricane-e2e-"));
  for (const [path, text] of Object.entries({ [name]: handler, ...files })) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text, { mode: 0o755 });
  }
  if (options.modules !== undefined) {
    writeFileSync(join(dir, "package.json"), "{}");
    symlinkSync(options.modules, join(dir, "node_modules"));
  }
  if (packages.length > 0) {
    const dependencies = Object.fromEntries(packages.map((name) => [name, "*"]));
    writeFileSync(join(dir, "package.json"), JSON.stringify({ dependencies }));
  }
  for (const path of packages) {
    mkdirSync(dirname(join(dir, "node_modules", path)), { recursive: true });
    symlinkSync(realpathSync(join(root, "node_modules", path)), join(dir, "node_modules", path));
  }
  const given = (flag: string) => args.some((arg) => arg.split("=")[0] === flag);
  const loopback = options.everywhere ? [] : ["--host=127.0.0.1"];
  const defaults = [...loopback, "--port=0", "--probe-port=0"].filter((argument) =>
    !given(argument.split("=")[0] ?? "") && !(given("--no-probe") && argument.startsWith("--probe"))
  );
  return new Hurricane(["serve", `./${name}`, ...defaults, ...args], env, dir, options);
}

/** {@linkcode launch}, and waits until it serves. */
export async function serve(handler: string, options: LaunchOptions = {}): Promise<Hurricane> {
  const hurricane = launch(handler, options);
  try {
    await hurricane.serving();
  } catch (error) {
    await hurricane[Symbol.asyncDispose]();
    throw error;
  }
  return hurricane;
}

/** Starts `hurricane` with any arguments in an empty directory. */
export function run(args: string[], env: Record<string, string> = {}): Hurricane {
  return new Hurricane(args, env, mkdtempSync(join(tmpdir(), "hurricane-e2e-")));
}
