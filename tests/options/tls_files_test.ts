import { test } from "node:test";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { parseServe } from "../../src/cli/parse.ts";
import { requireTlsFiles } from "../../src/options/tls_files.ts";
import { UsageError } from "../../src/options/usage_error.ts";
import { certificate } from "../support/certificate.ts";
import { TempDir } from "../support/temp_dir.ts";

test("files that cannot be served with are a usage error, by the name of the option", () => {
  const options = { tlsCert: "missing", tlsKey: "missing" };
  const { message } = assertThrows(() => requireTlsFiles(options), UsageError);
  assertMatch(message, /^--tls-cert "\/.*missing" cannot be read: there is no such file$/);
  const names = { cert: "tlsCert", key: "tlsKey" };
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
