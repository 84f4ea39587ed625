import { relative } from "node:path";
import process from "node:process";
import { sourceOf } from "./imports.ts";
import { isOwn, placesIn } from "./trace.ts";

/** How many lines are shown before the one that it is about, and after it. */
const [before, after] = [3, 1];

/** A longer line is cut: nobody reads bundled code. */
const widest = 200;

/**
 * The first place in the handler's source that a trace names, with the lines around it:
 *
 * ```text
 * routes/users.ts:3:9
 *   1 | import { db } from "../db.ts";
 *   2 |
 * > 3 | const x = db.;
 *     |           ^
 *   4 | export default x;
 * ```
 *
 * `undefined` where the trace names none that still exists.
 */
export function codeFrame(trace: string): string | undefined {
  for (const { file, line = 0, column = 1 } of placesIn(trace)) {
    const source = sourceOf(file);
    const lines = source.split(/\r?\n/);
    if (source === "" || line < 1 || line > lines.length) continue;
    const first = Math.max(1, line - before);
    const last = Math.max(
      line,
      lines.findLastIndex((text, index) => index < line + after && text.trim() !== "") + 1,
    );
    const width = String(last).length;
    const shown = lines.slice(first - 1, last).flatMap((text, index) => {
      const number = first + index;
      const row = `${number === line ? ">" : " "} ${String(number).padStart(width)} | ${cut(text)}`;
      if (number !== line) return row.trimEnd();
      // Tabs stay tabs, so that the mark stands where it should.
      const indent = text.slice(0, column - 1).replace(/[^\t]/g, " ");
      return column > widest ? row : [row.trimEnd(), `  ${" ".repeat(width)} | ${indent}^`];
    });
    return [`${shortest(file)}:${line}:${column}`, ...shown].join("\n");
  }
  return undefined;
}

/**
 * A trace for somebody at a terminal: the code frame first, if there is one, and without what happened
 * in Hurricane and in the runtime.
 */
export function withCodeFrame(trace: string): string {
  const frame = codeFrame(trace);
  const lines = trace.split("\n").map(withoutRuntime).filter((line) =>
    !isOwnFrame(line) && !isDenosFrame(line, frame)
  );
  return [...frame === undefined ? [] : [frame], ...lines].join("\n");
}

/** Where imports are hooked, Deno adds to a place in the handler where the runtime was by then. */
function withoutRuntime(line: string): string {
  return line.replace(/(:\d+:\d+) at ext:\S+$/, "$1");
}

function isOwnFrame(line: string): boolean {
  if (/^\s+at .*\b(?:node|ext):/.test(line)) return true;
  const [, path] = /^\s+at .*?(\/[^()]*):\d+:\d+\)?$/.exec(line) ?? [];
  return path !== undefined && isOwn(path.replace(/^\/\/(?=\/)/, ""));
}

/** Deno shows the line of a syntax error within its message. */
function isDenosFrame(line: string, frame: string | undefined): boolean {
  return frame !== undefined && /^\s*\d* \|/.test(line);
}

function shortest(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : path;
}

function cut(text: string): string {
  return text.length > widest ? `${text.slice(0, widest)}…` : text;
}
