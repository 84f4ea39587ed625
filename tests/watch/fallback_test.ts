import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { describe, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { fileURLToPath } from "node:url";
import { runtime } from "../../src/runtime/mod.ts";
import { ownEnvironment } from "../support/processes.ts";
import { TempDir } from "../support/temp_dir.ts";
import { eachLine, Feed, pause } from "../support/wait.ts";

/** A user namespace has limits of its own: user_namespaces(7). */
const skip = spawnSync("unshare", ["-Urm", "true"]).status !== 0;
if (skip) console.info("skipped: file systems that do not tell: no user namespaces here");

/** A process that watches `handler.ts`, and `views`, in a folder; after `prepare`, a shell command. */
class Watching implements AsyncDisposable {
  readonly told = new Feed<string>();
  readonly log = new Feed<string>();
  readonly #child: ChildProcess;

  constructor(folder: string, prepare: string) {
    const script = fileURLToPath(new URL("watching_process.ts", import.meta.url));
    const { file, args } = runtime.script(script);
    const command = `${prepare} && exec "$@"`;
    this.#child = spawn(
      "unshare",
      ["-Urm", "sh", "-c", command, "sh", file, ...args, `${folder}/handler.ts`],
      { env: ownEnvironment(), stdio: ["ignore", "pipe", "pipe"] },
    );
    eachLine(this.#child.stdout, (line) => this.told.push(line)).finally(() => this.told.end());
    eachLine(this.#child.stderr, (line) => this.log.push(line)).finally(() => this.log.end());
  }

  /** Waits for a line, and forgets it. */
  async next(line: string): Promise<void> {
    await this.told.until(line, (other) => other === line);
    this.told.items.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exit;
  }
}

describe("changes are noticed, and the log tells that it takes longer,", { skip }, () => {
  const limits: Record<string, RegExp> = {
    "max_inotify_instances": /cannot watch .* \(raise fs\.inotify\.max_user_instances\): looking/,
    "max_inotify_watches": /cannot watch .* \(raise fs\.inotify\.max_user_watches\): looking/,
  };
  for (const [limit, warning] of Object.entries(limits)) {
    test(`where nothing can be watched (${limit})`, { skip }, async () => {
      using dir = new TempDir();
      for (const name of ["handler.ts", "views/a"]) dir.file(name, "1");
      await pause(30);
      await using watching = new Watching(dir.path, `echo 0 > /proc/sys/user/${limit}`);
      await watching.next("ready");
      const [line = ""] = await watching.log.first(1);
      assertMatch(line, warning);
      for (const name of ["handler.ts", "views/a", "views/new"]) {
        await watching.next(dir.file(name, "2"));
      }
      assertEquals(watching.log.items.length, 1);
    });
  }

  test("where the file system does not tell", { skip }, async () => {
    using dir = new TempDir();
    for (const name of ["upper", "work", "merged"]) dir.file(`${name}/.keep`, "");
    dir.file("lower/handler.ts", "1");
    await pause(30);
    // What is changed in the lower layer of an overlay, nobody is told of in the merged one.
    const layers = `lowerdir=${dir.path}/lower,upperdir=${dir.path}/upper,workdir=${dir.path}/work`;
    const merged = `${dir.path}/merged`;
    const mount = `mount -t overlay overlay -o ${layers} ${merged}`;
    await using watching = new Watching(merged, mount);
    await watching.next("ready");
    for (const text of ["2", "3"]) {
      dir.file("lower/handler.ts", text);
      await watching.next(`${merged}/handler.ts`);
      await watching.log.until("a warning", (line) => /does not tell of changes/.test(line));
    }
    assertEquals(watching.log.items.length, 1);
  });
});
