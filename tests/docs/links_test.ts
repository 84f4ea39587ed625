import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, test } from "node:test";
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { ruleGroups } from "../../src/monitoring/rules.ts";
import { anchors, links, pages, read, root } from "./markdown.ts";

/** Why the link of a page leads nowhere; nothing where it leads somewhere. */
function fault(page: string, link: string): string | undefined {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : relative(root, join(root, dirname(page), path));
  if (!existsSync(join(root, target))) return `${page}: ${link} (no such file)`;
  if (anchor === undefined) return undefined;
  return anchors(read(target)).has(anchor) ? undefined : `${page}: ${link} (no such heading)`;
}

describe("links", () => {
  for (const page of pages()) {
    test(`of ${page} lead to files and headings that are there`, () => {
      const own = links(read(page)).filter((link) => !/^[a-z]+:/.test(link));
      const faults = own.map((link) => fault(page, link));
      assertEquals(faults.filter((text) => text !== undefined), []);
    });
  }

  test("of the alerts lead to their rows in the guide", () => {
    const alerts = ruleGroups("").flatMap(({ rules }) => rules)
      .flatMap(({ rule }) => "alert" in rule ? [rule] : []);
    for (const { alert, annotations: { runbook } } of alerts) {
      const [, name, heading, page = "", anchor] =
        /^(\w+): (.+), in the guide's chapter Troubleshooting \((\S+)(#\S+)\)$/.exec(runbook) ?? [];
      assertEquals(name, alert);
      assertEquals(fault("README.md", `${page}${anchor}`), undefined);
      const section = read(page).split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
      const rows = [...section.matchAll(/^\| `(Hurricane\w+)` +\|/gm)].map(([, name]) => name);
      assertEquals(rows, [...new Set(alerts.map(({ alert }) => alert))]);
    }
    assertGreater(alerts.length, 0);
  });
});

/** Of a text that is not easy. */
const wordsInAMinute = 220;

test("the README has no more than 150 lines", () => {
  assertLess(read("README.md").split("\n").length, 152);
});

describe("the guide", () => {
  const chapters = [...read("docs/guide/README.md").matchAll(/^\d+\. \[([^\]]+)\]\(([^)]+)\)/gm)]
    .map(([, title = "", path = ""]) => ({ title, path }));

  test("lists every chapter in its table of contents", () => {
    const listed = chapters.map(({ path }) => `docs/guide/${path}`);
    const others = pages().filter((page) => /^docs\/guide\/[^/]+\.md$/.test(page));
    assertEquals(listed.toSorted(), others.filter((page) => !page.endsWith("/README.md")));
  });

  for (const { path } of chapters) {
    // To be looked up in, not to be read.
    if (["options.md", "log-messages.md", "troubleshooting.md", "coming-from.md"].includes(path)) {
      continue;
    }
    test(`is read in ten minutes: ${path}`, () => {
      assertLess(read(`docs/guide/${path}`).split(/\s+/).length, 10 * wordsInAMinute);
    });
  }

  for (const [index, { title, path }] of chapters.entries()) {
    test(`says at the end of ${path} what comes before and after`, () => {
      const text = read(`docs/guide/${path}`);
      const [before, after] = [chapters[index - 1], chapters[index + 1]];
      const footer = [
        ...before === undefined ? [] : [`← [${before.title}](${before.path})`],
        "[Contents](README.md)",
        ...after === undefined ? [] : [`[${after.title}](${after.path}) →`],
      ].join(" · ");
      // Long ones are broken into two lines by `deno fmt`.
      assertEquals(text.split("\n---\n\n").at(-1)?.replaceAll("\n", " "), `${footer} `);
      assertEquals(text.split("\n")[0], `# ${title}`);
    });
  }
});
