import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { certificate } from "../support/certificate.ts";
import { saying } from "../support/handlers.ts";
import { form, launch, runtime, serve } from "../support/hurricane.ts";
import { TempDir } from "../support/temp_dir.ts";

const server = certificate();

// Promise: a file that an option names is read as what it is, or refused at once.
describe(`--tls-cert (${form})`, () => {
  const special: Record<string, { make: (path: string) => void; says: string }> = {
    "a named pipe": {
      make: (path) => spawnSync("mkfifo", [path]),
      says: "it is no regular file, but a pipe, a socket or a device",
    },
    "a device without an end": {
      make: (path) => symlinkSync("/dev/zero", path),
      says: "it is no regular file, but a pipe, a socket or a device",
    },
    "a directory": { make: (path) => mkdirSync(path), says: "it is a directory" },
    "larger than any certificate": {
      make: (path) => writeFileSync(path, server.cert + "x".repeat(1024 * 1024)),
      says: "it is longer than 1024 KB",
    },
  };
  for (const [what, { make, says }] of Object.entries(special)) {
    test(`that is ${what}: exit 2 and one line`, async () => {
      using dir = new TempDir();
      const path = join(dir.path, "tls.crt");
      make(path);
      await using hurricane = launch(saying("x"), {
        args: ["--tls-cert", path, "--tls-key", dir.file("tls.key", server.key)],
      });
      assertEquals((await hurricane.exited).code, 2);
      assertEquals(hurricane.stderr.items.length, 1);
      const [line] = hurricane.log.items;
      assertStringIncludes(line?.message ?? "", `${path}" cannot be read: ${says}`);
    });
  }

  test("that is a link to a link, as Kubernetes mounts it, is served", async () => {
    using dir = new TempDir();
    mkdirSync(join(dir.path, "..data_1"));
    dir.file("..data_1/tls.crt", server.cert);
    symlinkSync("..data_1", join(dir.path, "..data"));
    symlinkSync("..data/tls.crt", join(dir.path, "tls.crt"));
    await using hurricane = await serve(saying("x"), {
      args: ["--tls-cert", join(dir.path, "tls.crt"), "--tls-key", dir.file("k", server.key)],
    });
    assertEquals((await hurricane.get("/", { ca: server.cert })).text, "x");
  });
});

const missing = spawnSync("sslscan", ["--version"]).error;
const skip = missing === undefined ? false : `sslscan cannot be run: ${missing.message}`;
if (skip) console.info(`skipped: ${skip}`);

/** What a scanner finds that a server accepts, as `TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256`. */
async function accepted(url: string): Promise<string[]> {
  const { hostname, port } = new URL(url);
  const scanner = spawn("sslscan", ["--no-colour", "--no-heartbleed", `${hostname}:${port}`], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env["PATH"] },
  });
  let text = "";
  for await (const chunk of scanner.stdout) text += chunk;
  return [...text.matchAll(/^(?:Preferred|Accepted) +(\S+) +\d+ bits +(\S+)/gm)]
    .map(([, version, cipher]) => `${version} ${cipher}`);
}

// Promise: what is encrypted stays so, also when the key becomes known later.
describe(`TLS, as a scanner sees it (${form})`, { skip }, () => {
  const files = { "tls.crt": server.cert, "tls.key": server.key };
  const node = `
    import { createServer } from "node:http";
    export default createServer((request, response) => response.end("x"));`;
  const own = `export default { fetch: () => new Response("x"), tls: {
    cert: ${JSON.stringify(server.cert)}, key: ${JSON.stringify(server.key)} } };`;
  const args = ["--tls-cert=tls.crt", "--tls-key=tls.key"];
  const servers: Record<string, { handler: string; args: string[]; skip?: boolean }> = {
    "a fetch handler": { handler: saying("x"), args },
    "a server of node:http": { handler: node, args },
    "a handler's own tls": { handler: own, args: [], skip: runtime === "deno" },
  };
  for (const [what, { handler, args, skip = false }] of Object.entries(servers)) {
    test(`${what}: TLS 1.2 and 1.3, forward secrecy, authenticated ciphers`, { skip }, async () => {
      await using hurricane = await serve(handler, { name: "handler.js", args, files });
      const found = await accepted(hurricane.url());
      assertEquals(
        new Set(found.map((line) => line.split(" ")[0])),
        new Set(["TLSv1.2", "TLSv1.3"]),
      );
      for (const line of found) {
        assertMatch(line, /^TLSv1\.(3 TLS_|2 ECDHE-)\S*(GCM|CHACHA20)/);
      }
    });
  }
});
