/**
 * What the source says to users, as far as it stands there as text.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { read, root } from "./markdown.ts";

/** All modules of Hurricane, by their paths in the repository. */
export const modules = execFileSync("find", ["src", "-name", "*.ts", "-o", "-name", "*.tsx"], {
  cwd: root,
  encoding: "utf8",
}).trim().split("\n").toSorted();

/** A message with what stands in it for a value as `…`, however its template writes that. */
export function blanked(message: string): string {
  return message.replace(/\$?\{[^{}]*\}/g, "…");
}

/** The messages of level warn and error, by the module that logs them. */
export function warnings(): { module: string; message: string }[] {
  const found: { module: string; message: string }[] = [];
  for (const module of modules) {
    const text = read(module);
    for (
      const call of text.matchAll(
        /\b(?:log|remarks)\.(?:warn|error)\(|logger\("\w+"\)\.(?:warn|error)\(/g,
      )
    ) {
      const message = literal(text.slice(call.index + call[0].length));
      if (message === undefined) throw new Error(`${module}: ${call[0]} with no text of its own`);
      found.push({ module, message: blanked(message) });
    }
  }
  return found;
}

/** The string that an expression begins with: one literal, or several with a plus between them. */
function literal(expression: string): string | undefined {
  const [all, text] = /^\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)/
    .exec(expression) ?? [];
  if (all === undefined || text === undefined) return undefined;
  const inner = text.slice(1, -1).replace(/\\(.)/g, "$1");
  const rest = expression.slice(all.length);
  const [plus] = /^\s*\+/.exec(rest) ?? [];
  return plus === undefined ? inner : inner + (literal(rest.slice(plus.length)) ?? "");
}

/** Everything that is written in the modules, each text that is broken with a plus as one. */
export function allText(): string {
  return modules.map(read).join("\n")
    .replace(/["`']\s*\+\s*["`']/g, "");
}
