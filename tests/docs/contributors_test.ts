import { describe, test } from "node:test";
import { assertEquals, assertGreater } from "@std/assert";
import { execFileSync } from "node:child_process";
import { read, root } from "./markdown.ts";

const files = execFileSync("find", [...["src", "tests", "scripts", "docs"], "-type", "f"], {
  cwd: root,
  encoding: "utf8",
}).trim().split("\n");

/** Pages for those who change Hurricane: each names files, which change their places. */
const pages = ["docs/architecture.md", "docs/reliability.md", "CONTRIBUTING.md"];

describe("pages for contributors", () => {
  for (const page of pages) {
    const text = read(page);

    test(`${page} names files and folders that are there`, () => {
      const named = [...text.matchAll(/`((?:[\w.-]+\/)*[\w.-]+(?:\.ts|\/))`/g)]
        .map(([, path = ""]) => path);
      assertGreater(named.length, 10);
      const missing = named.filter((path) => {
        if (path.endsWith("/")) return !files.some((file) => `/${file}`.includes(`/${path}`));
        return !files.some((file) => `/${file}`.endsWith(`/${path}`));
      }).filter((path) => ![".tools/", "node_modules/"].includes(path));
      assertEquals(missing, []);
    });
  }
});
