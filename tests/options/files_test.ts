import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { join } from "node:path";
import { requireDirectories, requireTlsFiles } from "../../src/options/files.ts";
import { UsageError } from "../../src/options/usage_error.ts";
import { parseManifest, parseServe } from "../cli/parsed.ts";
import { certificate } from "../support/certificate.ts";
import { TempDir } from "../support/temp_dir.ts";

describe("requireDirectories", () => {
  test("takes those that are there, links to them included", () => {
    using dir = new TempDir();
    dir.file("a/b", "");
    requireDirectories([join(dir.path, "a"), `/x/=${dir.path}`, "."], "it");
    requireDirectories([], "it");
  });

  const wrong: Record<string, [value: (dir: string) => string, obstacle: (dir: string) => string]> =
    {
      "a directory that is not there": [
        (dir) => join(dir, "a"),
        (dir) => `there is no directory ${dir}/a`,
      ],
      "one behind a prefix": [
        (dir) => `/x/=${dir}/a`,
        (dir) => `there is no directory ${dir}/a`,
      ],
      "a file": [(dir) => join(dir, "file"), (dir) => `${dir}/file is no directory`],
      "what lies below a file": [
        (dir) => join(dir, "file/a"),
        (dir) => `${dir}/file/a cannot be reached (ENOTDIR)`,
      ],
    };
  for (const [name, [value, obstacle]] of Object.entries(wrong)) {
    test(`refuses ${name}`, () => {
      using dir = new TempDir();
      dir.file("file", "");
      const given = value(dir.path);
      const refuse = () => requireDirectories([dir.path, given], "--it");
      const { message } = assertThrows(refuse, UsageError);
      assertEquals(message, `--it ${JSON.stringify(given)}: ${obstacle(dir.path)}`);
    });
  }

  test("is asked by serve, by the name that the user gave, and not by manifest", () => {
    using dir = new TempDir();
    const handler = dir.file("handler.ts", "");
    const missing = join(dir.path, "missing");
    const refusal = (...args: Parameters<typeof parseServe>) =>
      assertThrows(() => parseServe(...args), UsageError).message.split(" ")[0];
    assertEquals(refusal([handler, "--static", missing], {}), "--static");
    assertEquals(refusal([handler], { HURRICANE_STATIC: missing }), "HURRICANE_STATIC");
    const builtin = { name: "app", defaults: ["--static", missing] };
    assertEquals(refusal([], {}, builtin), "--static");
    const { args } = parseManifest([handler, "--image=web", `--static=${missing}`]);
    assertEquals(args, ["serve", handler, `--static=${missing}`]);
  });
});

describe("requireTlsFiles", () => {
  test("files that cannot be served with are a usage error, by the name of the option", () => {
    const options = { tlsCert: "missing", tlsKey: "missing" };
    const { message } = assertThrows(() => requireTlsFiles(options), UsageError);
    assertMatch(message, /^--tls-cert "\/.*missing" cannot be read: there is no such file$/);
    const names = { cert: "tlsCert", key: "tlsKey", clientCa: "tlsClientCa" };
    assertMatch(
      assertThrows(() => requireTlsFiles(options, names), UsageError).message,
      /^tlsCert "/,
    );
  });

  test("a certificate that is not valid any more is worth a warning", () => {
    using dir = new TempDir();
    const { cert, key } = certificate({ notAfter: new Date(0), notBefore: new Date(0) });
    const options = { tlsCert: dir.file("c", cert), tlsKey: dir.file("k", key) };
    const [warning, ...others] = requireTlsFiles(options);
    assertMatch(warning ?? "", /expired on 1970-01-01T00:00:00\.000Z$/);
    assertEquals(others, []);
  });

  test("whoever only reads the options needs no files", () => {
    const builtin = { name: "app", defaults: ["--tls-cert=missing", "--tls-key=missing"] };
    assertEquals(parseServe([], {}, builtin).options.tlsKey, "missing");
    assertEquals(requireTlsFiles({}), []);
  });
});
