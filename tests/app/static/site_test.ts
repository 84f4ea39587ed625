import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parseStaticSite } from "../../../src/app/static/site.ts";

describe("a value of --static", () => {
  const values: Record<string, [prefix: string, directory: string]> = {
    "public": ["/static/", "public"],
    "./public/": ["/static/", "./public/"],
    "/srv/www": ["/static/", "/srv/www"],
    "/=public": ["/", "public"],
    "/assets/=dist/assets": ["/assets/", "dist/assets"],
    "/a/b/=/srv/www": ["/a/b/", "/srv/www"],
    "/.well-known/=w": ["/.well-known/", "w"],
    "/static/=a=b": ["/static/", "a=b"],
    "a\nb": ["/static/", "a\nb"],
  };
  for (const [value, [prefix, directory]] of Object.entries(values)) {
    test(`may be ${JSON.stringify(value)}`, () => {
      assertEquals(parseStaticSite(value), { prefix, directory });
    });
  }

  const prefixes = [
    ...["", "assets", "/assets", "assets/", "./a/", "//", "/a//b/", "/a/../", "/./", "/a b/"],
    ...["/a%20b/", "/ä/", "/a?b/", "/a#b/", "/a\\b/", "http://a/"],
  ];
  for (const prefix of prefixes) {
    test(`has no prefix ${JSON.stringify(prefix)}`, () => {
      const { message } = assertThrows(() => parseStaticSite(`${prefix}=dir`), Error);
      assertStringIncludes(message, `the prefix ${JSON.stringify(prefix)} must be a plain path`);
    });
  }

  for (const value of ["", "/a/=", "http://a", "file:///srv/www", "/a/=https://b"]) {
    test(`names a directory, unlike ${JSON.stringify(value)}`, () => {
      assertStringIncludes(assertThrows(() => parseStaticSite(value), Error).message, "directory");
    });
  }
});
