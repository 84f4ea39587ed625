/**
 * What was thrown, as text. Anything can be thrown, and nothing here throws over it.
 *
 * @module
 */
import process from "node:process";

/**
 * An error in a line: its name and message; of several in one, those of the first.
 *
 * @example
 * ```ts
 * import { describe } from "./errors.ts";
 *
 * console.assert(describe(new TypeError("no such table")) === "TypeError: no such table");
 * console.assert(describe(Object.create(null)) === "[Object: null prototype] {}");
 * ```
 */
export function describe(error: unknown): string {
  try {
    if (error instanceof AggregateError && error.errors.length > 0) {
      const [first, ...others] = error.errors;
      return describe(first) + (others.length === 0 ? "" : ` (and ${others.length} more)`);
    }
    if (error instanceof Error) return headOf(error);
    return typeof error === "string" ? error : inspected(error).replace(/\s*\n\s*/g, " ");
  } catch {
    return unreadable(error);
  }
}

/** What Bun calls an error of the transpiler, and of an import that leads nowhere. */
const names: Readonly<Record<string, string>> = {
  BuildMessage: "SyntaxError: ",
  ResolveMessage: "",
};

/** Name and message, in the words of the language: what a runtime calls its own classes says nothing. */
function headOf({ name, message }: Error): string {
  // Deno wraps the one into the other.
  if (message.startsWith("SyntaxError: ")) return message;
  return `${names[name] ?? `${name}: `}${message}`;
}

/** Late: few services ever see anything else than an error, and it takes 2 ms of a worker's start on Bun. */
function inspected(value: unknown): string {
  return process.getBuiltinModule("node:util").inspect(value);
}

/** An error that knows better than its stack where it happened: in another process, or nowhere in code. */
export abstract class TracedError extends Error {
  /** The message, and where it happened, as text. */
  abstract readonly trace: string;
}

/** What a webhook tells of an error: where it happened, not where in Hurricane it was noticed. */
export function traceOf(error: unknown): string {
  return error instanceof TracedError ? error.trace : errorTrace(error);
}

/** What an error says, without its name. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : describe(error);
  } catch {
    return unreadable(error);
  }
}

/** A getter of what was thrown has thrown itself. */
function unreadable(error: unknown): string {
  return `[an error that cannot be read: ${typeof error}]`;
}

/**
 * Standard Webhooks recommends payloads below 20 kB. A stack has ten frames, so that only errors
 * with huge messages or hundreds of causes come near.
 */
const longestTraceText = 16_384;

/** How long such a trace may be in bytes: with characters of three each, and what says that it is cut. */
export const longestTrace: number = 3 * longestTraceText + 64;

/**
 * An error as text: message and stack, then its chain of causes, with the errors of each
 * `AggregateError`. Accepts whatever can be thrown. At most 16,384 characters.
 *
 * @example
 * ```ts
 * import { errorTrace } from "./errors.ts";
 *
 * errorTrace(new Error("cannot start", { cause: new Error("port 80 is taken") }));
 * // Error: cannot start
 * //     at …
 * // Caused by: Error: port 80 is taken
 * //     at …
 * ```
 */
export function errorTrace(error: unknown): string {
  const seen = new Set<unknown>();
  const todo: Part[] = [{ label: "", value: error }];
  let trace = "";
  for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
    if (trace !== "") trace += "\n";
    if (seen.has(part.value)) {
      trace += `${part.label}[shown above]`;
      continue;
    }
    if (typeof part.value === "object") seen.add(part.value);
    const { text, causes } = dissect(part.value);
    trace += part.label + text;
    if (trace.length > longestTraceText) {
      return `${trace.slice(0, longestTraceText)}\n[cut after ${longestTraceText} characters]`;
    }
    todo.push(...causes.reverse());
  }
  return trace;
}

/** An error on the way into a trace, and how it is introduced there. */
interface Part {
  label: string;
  value: unknown;
}

function dissect(value: unknown): { text: string; causes: Part[] } {
  try {
    if (!(value instanceof Error)) {
      return { text: typeof value === "string" ? value : inspected(value), causes: [] };
    }
    const causes: Part[] = [];
    if (value instanceof AggregateError) {
      const count = value.errors.length;
      // Each takes at least one character of the trace.
      value.errors.slice(0, longestTraceText).forEach((error, index) => {
        causes.push({ label: `Error ${index + 1} of ${count}: `, value: error });
      });
    }
    if (value.cause !== undefined) causes.push({ label: "Caused by: ", value: value.cause });
    return { text: headAndStack(value), causes };
  } catch {
    // A handler may throw an object whose getters throw. Its failure must still be told.
    return { text: unreadable(value), causes: [] };
  }
}

/** JavaScriptCore leaves the message out of some stacks; V8 always begins with it. */
function headAndStack(error: Error): string {
  const head = headOf(error);
  const stack = error.stack ?? position(error);
  const named = `${error.name}: ${error.message}`;
  if (stack.startsWith(named)) return head + stack.slice(named.length);
  return stack.includes(error.message) ? stack : `${head}\n${stack}`;
}

/** Bun's syntax errors have no stack, but a `position`. */
function position(error: Error): string {
  const { file, line, column, lineText } = Object(Reflect.get(error, "position"));
  return file === undefined ? "" : `    at ${file}:${line}:${column}\n    ${lineText}`;
}
