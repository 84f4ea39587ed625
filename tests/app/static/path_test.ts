import { describe, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { join } from "node:path";
import { filePath } from "../../../src/app/static/path.ts";

describe("filePath", () => {
  const paths: Record<string, string | undefined> = {
    "": "/",
    "a.txt": "/a.txt",
    "a/": "/a/",
    "a/b.txt": "/a/b.txt",
    "a%20b/c%C3%A4.txt": "/a b/cä.txt",
    "%61": "/a",
    "a@2x.png": "/a@2x.png",
    "a%402x%26%2B%23%3F.png": "/a@2x&+#?.png",
    "100%25.txt": "/100%.txt",
    "%252e%252e%252fsecret": "/%2e%2e%2fsecret",
    "a..b": "/a..b",
    "a.": "/a.",
    "...": undefined,
    "..": undefined,
    "../secret": undefined,
    "a/../../secret": undefined,
    "%2e%2e/secret": undefined,
    "%2E./secret": undefined,
    "..%2fsecret": undefined,
    "a%2F..%2f..%2fsecret": undefined,
    "a%2fb": undefined,
    "..\\secret": undefined,
    "..%5csecret": undefined,
    "a%00.txt": undefined,
    "a\0": undefined,
    "./a": undefined,
    "/etc/passwd": undefined,
    "a//b": undefined,
    "a//": undefined,
    ".env": undefined,
    "%2eenv": undefined,
    ".git/config": undefined,
    "a/.htaccess": undefined,
    "%": undefined,
    "%zz": undefined,
    "%c0%ae%c0%ae/secret": undefined,
    "%ff": undefined,
  };
  for (const [path, found] of Object.entries(paths)) {
    test(`of ${JSON.stringify(path)} is ${JSON.stringify(found)}`, () => {
      assertEquals(filePath(path), found);
    });
  }

  test("never leads out of a directory", () => {
    const pieces = fc.constantFrom(
      ...["a", ".", "..", "/", "//", "\\", "%2e", "%2E", "%2f", "%5c", "%00", "%25", "%c0%ae", "%"],
      ...["~", "|", " ", "\0", "\n", "%0a", "..;", "%u002e", "‥", "．"],
    );
    const paths = fc.oneof(
      fc.array(pieces, { maxLength: 12 }).map((some) => some.join("")),
      fc.string(),
    );
    fc.assert(
      fc.property(paths, (path) => {
        const found = filePath(path);
        if (found === undefined) return;
        const joined = join("/srv/www", found);
        assert(joined === "/srv/www/" || joined.startsWith("/srv/www/"), joined);
        assert(!/\/\.|\\|\0/.test(joined), joined);
      }),
      { numRuns: 2000 },
    );
  });
});
