import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { pages, read, root } from "./markdown.ts";

const folder = "docs/examples";
const rows = [...read(`${folder}/README.md`).matchAll(/^\| \[([\w.-]+)\]\(.*\| `(.+?)`.* \|$/gm)]
  .map(([, name = "", command = ""]) => ({ name, command }));

describe("the table of examples", () => {
  test("has each of them", () => {
    // It belongs to todo.ts.
    const entries = readdirSync(join(root, folder)).filter((name) =>
      !["README.md", "migrate.ts"].includes(name)
    );
    assertEquals(rows.map(({ name }) => name).toSorted(), entries.toSorted());
  });

  for (const { name, command } of rows) {
    // What is typed on a page, a test types; the Dockerfiles have theirs in comments.
    const followed = pages().filter((page) =>
      page === "README.md" || page.startsWith(`${folder}/`) && page !== `${folder}/README.md`
    );
    const places = name === "image" ? [`${folder}/image/source.Dockerfile`] : followed;
    test(`starts ${name} by a command that stands where it is run`, () => {
      const lines = places.flatMap((place) => read(place).split("\n"));
      const typed = lines.map((line) => line.replace(/^[$#] +/, ""));
      assert(typed.some((line) => line.startsWith(command)), command);
    });
  }
});
