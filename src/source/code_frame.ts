import { relative } from "node:path";
import process from "node:process";
import { sourceOf } from "./imports.ts";
import { placesIn, withoutInternals } from "./trace.ts";

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
 * A trace for somebody who has read already what it is about: the code frame, if there is one, then what
 * neither that nor the message has said.
 *
 * @param said the error's message, as it was told
 */
export function withCodeFrame(trace: string, said: string): string {
  const frame = codeFrame(trace);
  const rest = withoutInternals(trace).split("\n");
  if (frame === undefined) return rest.filter((line) => !repeats(line, said)).join("\n");
  const [place = "", ...rows] = frame.split("\n");
  const sources = new Set(rows.map((row) => row.replace(/^[ >]*\d* \| ?/, "").trim()));
  const more = rest.filter((line) =>
    !repeats(line, said) && !isAt(line, place) && !sources.has(line.trim()) && !isDenosFrame(line)
  );
  return [frame, ...more].join("\n");
}

/** Is this line the message, or the one with which Bun begins what is wrong in several places? */
function repeats(line: string, said: string): boolean {
  const text = line.replace(/^Error \d+ of \d+: /, "");
  return text === said || /^AggregateError: \d+ errors building "/.test(line);
}

/** Is this frame of a stack the place that is shown? */
function isAt(line: string, place: string): boolean {
  return /^\s+at /.test(line) &&
    placesIn(line).some(({ file, line, column }) =>
      `${shortest(file)}:${line}:${column}` === place
    );
}

/** Deno shows the line of a syntax error within its message. */
function isDenosFrame(line: string): boolean {
  return /^\s*\d* \|/.test(line);
}

function shortest(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : path;
}

function cut(text: string): string {
  return text.length > widest ? `${text.slice(0, widest)}…` : text;
}
