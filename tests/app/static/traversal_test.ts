import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { join } from "node:path";
import { secret, Served } from "./served.ts";

/** Paths below the prefix as an attacker would write them: nobody tidies them up on their way. */
const attempts = [
  ...["../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "%2e%2e%2fsecret.txt"],
  ...[".%2e/secret.txt", "%2E%2E%5Csecret.txt", "..\\secret.txt", "..%5csecret.txt"],
  ...["%252e%252e%252fsecret.txt", "%252e%252e/secret.txt", "..%252fsecret.txt"],
  ...["%c0%ae%c0%ae/secret.txt", "%e0%80%ae%e0%80%ae/secret.txt", "..%c0%afsecret.txt"],
  ...["..;/secret.txt", "....//secret.txt", "..././secret.txt", "sub/../../secret.txt"],
  ...["sub/%2e%2e/%2e%2e/secret.txt", "sub%2f..%2f..%2fsecret.txt", "./../secret.txt"],
  ...[
    "//../secret.txt",
    "/../secret.txt",
    "a.txt/../../secret.txt",
    "a.txt%2f..%2f..%2fsecret.txt",
  ],
  ...["..%00/secret.txt", "../secret.txt%00.txt", "%00../secret.txt", "a.txt%00", "out%00.txt"],
  ...["out", "absolute", "parent/secret.txt", "parent/public/out", "evil/secret.txt", "parent/"],
  ...["../public-evil/secret.txt", "%2e%2e/public-evil/secret.txt", "..-evil/secret.txt"],
  ...[".env", "%2eenv", ".git/config", "%2egit/config", ".git%2fconfig", "sub/../.env", "./.env"],
  ...["?/../../secret.txt", "#/../../secret.txt", "..?/secret.txt", "%3f/../../secret.txt"],
  ...["\\..\\secret.txt", "%5c..%5csecret.txt", "sub\\..\\..\\secret.txt", "~/secret.txt"],
];

function isSafe(answer: { status: number; text: string }, path: string): void {
  assertFalse(answer.text.includes(secret), `${path} was answered with ${answer.text}`);
  assertFalse(answer.status === 500, `${path} was answered with 500`);
}

describe("no way leads out of a directory of --static", () => {
  test("of those that are known", async () => {
    await using served = await Served.open();
    for (const attempt of attempts) {
      for (const path of [`/static/${attempt}`, `//static/${attempt}`, `/static//${attempt}`]) {
        for (const method of ["GET", "HEAD"]) isSafe(await served.get(path, { method }), path);
      }
      isSafe(await served.get(`http://test/static/${attempt}`), attempt);
      isSafe(await served.get(`/static/${attempt}`, { version: "1.0" }), attempt);
    }
  });

  test("of those that are known, with the directory at the root", async () => {
    await using served = await Served.open((dir) => ({ static: [`/=${dir.path}/public`] }));
    assertEquals((await served.get("/a.txt")).text, "0123456789");
    for (const attempt of attempts) {
      for (const path of [`/${attempt}`, `//${attempt}`]) isSafe(await served.get(path), path);
    }
  });

  test("of any that can be put together", async () => {
    await using served = await Served.open();
    const pieces = fc.constantFrom(
      ...[
        "/",
        "//",
        "\\",
        "%2f",
        "%2F",
        "%5c",
        ".",
        "..",
        "%2e",
        "%2E",
        "%2e%2e",
        "%252e",
        "%252f",
      ],
      ...[
        "%c0%ae",
        "%c0%af",
        "%00",
        "%",
        "?",
        "#",
        ";",
        "sub",
        "a.txt",
        "in",
        "out",
        "parent",
        "evil",
      ],
      ...[
        "public",
        "public-evil",
        "secret.txt",
        "absolute",
        "loop",
        ".env",
        ".git",
        "config",
        "up",
      ],
    );
    const paths = fc.array(pieces, { minLength: 1, maxLength: 9 }).map((some) => some.join(""));
    await fc.assert(
      fc.asyncProperty(paths, async (path) => {
        isSafe(await served.get(`/static/${path}`), path);
      }),
      { numRuns: 500 },
    );
    assertEquals((await served.get("/static/sub/up")).text, "0123456789");
  });

  test("which would have been seen", async () => {
    // Served from one folder higher up, the secret is a file like any other.
    await using served = await Served.open((dir) => ({ static: [dir.path] }));
    const answer = await served.get("/static/secret.txt");
    assert(answer.text.includes(secret));
    assertEquals((await served.get("/static/public/out")).text, secret);
    const { path } = served.dir;
    assertFalse((await served.get(join("/static", path, "secret.txt"))).text.includes(secret));
  });
});
