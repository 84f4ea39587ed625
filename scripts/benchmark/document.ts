/**
 * docs/benchmarks.md, of which each part of the benchmark writes its own section.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "./context.ts";
import { projectRoot, runtimes } from "./places.ts";
import type { Part } from "./settings.ts";

const file = join(projectRoot, "docs/benchmarks.md");
const folder = join(projectRoot, "docs/benchmarks");

/** Puts what a part has found into the document, in place of what was found the last time. */
export function writeResult(part: Part, result: Result, how: string): void {
  writePlots(result, folder);
  const { markdown } = result;
  const text = replaceSection(readFileSync(file, "utf8"), part, `${how}\n\n${markdown}`);
  writeFileSync(file, text);
  // The pictures as well: the static checks look at them, too.
  execFileSync(runtimes.deno, ["fmt", "--quiet", file, folder], {
    cwd: projectRoot,
    stdio: "inherit",
  });
}

/** Writes the pictures into a folder; returns their files. */
export function writePlots({ plots }: Result, into: string): string[] {
  mkdirSync(into, { recursive: true });
  return Object.entries(plots).map(([name, svg]) => {
    const path = join(into, name);
    writeFileSync(path, svg);
    return path;
  });
}

/** Replaces what is between a section's two marks. Throws where they are not there. */
export function replaceSection(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- bench: ${name} -->`, `<!-- bench: end of ${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the document has no section "${name}"`);
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}
