/**
 * What tests want to know of the pages in Markdown.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** All pages of the repository, by their paths in it. */
export function pages(): string[] {
  const left = ["node_modules", ".tools", ".git", "dist", "api", "apps"];
  const folders = left.flatMap((name) => ["-name", name, "-o"]).slice(0, -1);
  return execFileSync("find", [
    ".",
    "(",
    ...folders,
    ")",
    "-prune",
    "-o",
    "-name",
    "*.md",
    "-print",
  ], {
    cwd: root,
    encoding: "utf8",
  }).trim().split("\n").map((path) => path.slice(2)).toSorted();
}

export function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** The lines outside of blocks of code. */
function prose(text: string): string[] {
  let fence = "";
  return text.split("\n").filter((line) => {
    const [, mark = ""] = /^\s*(`{3,})/.exec(line) ?? [];
    const outside = fence === "" && mark === "";
    if (mark !== "") fence = fence === "" ? mark : "";
    return outside;
  });
}

/** Where links lead, pictures included; not what only looks like one in code. */
export function links(text: string): string[] {
  const plain = prose(text).join("\n").replace(/`[^`]+`/g, "``");
  const inline = [...plain.matchAll(/\]\(([^)\s]+)\)/g)];
  const named = [...plain.matchAll(/^\[[^\]]+\]: (\S+)$/gm)];
  const html = [...plain.matchAll(/\b(?:src|srcset|href)="([^"]+)"/g)];
  return [...inline, ...named, ...html].map(([, target = ""]) => target);
}

/** The anchors that GitHub gives to the headings. */
export function anchors(text: string): Set<string> {
  const found = new Set<string>();
  for (const line of prose(text)) {
    const [, heading] = /^#{1,6} (.+)$/.exec(line) ?? [];
    if (heading === undefined) continue;
    const words = heading.replace(/\]\([^)]*\)/g, "]").toLowerCase();
    const anchor = words.replace(/[^\p{L}\p{N}_\- ]/gu, "").replaceAll(" ", "-");
    let unique = anchor;
    for (let copy = 1; found.has(unique); copy++) unique = `${anchor}-${copy}`;
    found.add(unique);
  }
  return found;
}

/** A block of code. */
export interface Block {
  language: string;
  text: string;
}

/** All blocks of code, as they stand in the page, without their indentation. */
export function blocks(text: string): Block[] {
  return [...text.matchAll(/^( *)```(\w*)\n([^]*?)^\1```$/gm)]
    .map(([, indent = "", language = "", code = ""]) => ({
      language,
      text: code.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    }));
}
