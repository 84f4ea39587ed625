/**
 * Deno's permissions.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { certificate } from "../support/certificate.ts";
import { request } from "../support/http.ts";
import { form } from "../support/hurricane.ts";
import { root } from "../support/instance.ts";
import { TempDir } from "../support/temp_dir.ts";
import { eachLine } from "../support/wait.ts";

/** Each of these is needed: Deno gives `/proc` only to who has all permissions. */
const needed = ["read", "write", "env", "net", "run", "sys", "ffi", "import"]
  .map((name) => `--allow-${name}`);

const deno = process.env["HURRICANE_DENO"] ?? "deno";
const main = join(root, "src/main.ts");

describe(`permissions (${form})`, {
  skip: form !== "deno" && "only Deno has permissions",
}, () => {
  const small = "export default { fetch: () => new Response('here') };";

  /** What `serve` answers where Deno has these flags, before it stops as told. */
  async function answered(
    dir: TempDir,
    flags: string[],
    tls?: { cert: string; key: string },
  ): Promise<string> {
    dir.file("handler.ts", small);
    const more = tls === undefined
      ? []
      : ["--tls-cert", dir.file("tls.crt", tls.cert), "--tls-key", dir.file("tls.key", tls.key)];
    const ports = ["--host", "127.0.0.1", "--port", "0", "--probe-port", "0"];
    const args = ["run", "--no-prompt", ...flags, main, "serve", "handler.ts", ...ports, ...more];
    const child = spawn(deno, args, { cwd: dir.path, stdio: ["ignore", "ignore", "pipe"] });
    const exited = once(child, "exit");
    const lines: string[] = [];
    const serving = Promise.withResolvers<string>();
    eachLine(child.stderr, (line) => {
      lines.push(line);
      const url = line.startsWith("{") ? (JSON.parse(line) as { url?: string }).url : undefined;
      if (url !== undefined) serving.resolve(url);
    }).then(() => serving.reject(new Error(lines.join("\n"))));
    try {
      return (await request(await serving.promise, { ca: tls?.cert })).text;
    } finally {
      child.kill("SIGTERM");
      assertEquals((await exited)[0], 0);
    }
  }

  test(`with ${needed.join(" ")} it serves`, async () => {
    using dir = new TempDir();
    assertEquals(await answered(dir, needed), "here");
  });

  test("with -A alone it serves TLS, also a handler that lies elsewhere", async () => {
    using dir = new TempDir();
    assertEquals(await answered(dir, ["-A"], certificate()), "here");
  });

  test("a configuration that Deno is told of is not told to it twice", async () => {
    using dir = new TempDir();
    assertEquals(await answered(dir, ["-A", "-c", join(root, "deno.json")]), "here");
  });

  const lacking = [[], ...needed.map((one) => needed.filter((flag) => flag !== one))];
  for (const flags of [...lacking, ["--allow-all", "--deny-sys"]]) {
    test(`with ${flags.join(" ") || "none"} it says what it needs, and asks nothing`, () => {
      const args = ["run", "--no-prompt", ...flags, main, "serve", "handler.ts"];
      const { status, stderr } = spawnSync(deno, args, { encoding: "utf8" });
      assertMatch(stderr, /^hurricane: Hurricane needs all permissions: .*\n$/);
      assertEquals(status, 2);
    });
  }
});
