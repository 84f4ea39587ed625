/**
 * What others have said, no longer than it may be.
 *
 * @module
 */
import { describe } from "./errors.ts";
import { Buffer } from "./natives.ts";

/** How long a message of somebody else's may be where it is passed on, in bytes of UTF-8. */
export const longestText = 4096;

/** The room for what a cut text says of its rest. */
const roomForMark = 32;

/**
 * A text as valid Unicode that takes no more than so many bytes of UTF-8 (at least 64). What is too long
 * is cut between two characters, and says by how much.
 *
 * @example
 * ```ts
 * import { bounded } from "./bounded.ts";
 *
 * console.assert(bounded("no connection") === "no connection");
 * console.assert(bounded("x".repeat(5000)).endsWith("… (936 more bytes)"));
 * ```
 */
export function bounded(text: string, most: number = longestText): string {
  if (text.length * 3 <= most) return text.toWellFormed();
  const size = Buffer.byteLength(text);
  if (size <= most) return text.toWellFormed();
  const room = most - roomForMark;
  const bytes = Buffer.from(text.slice(0, room));
  let end = Math.min(room, bytes.length);
  while (end < bytes.length && isInside(bytes[end]!)) end--;
  // The slice may have ended between the halves of one character.
  const kept = bytes.toString("utf8", 0, end).replace(/\ufffd$/, "");
  return `${kept.toWellFormed()}… (${size - Buffer.byteLength(kept)} more bytes)`;
}

/** Is it a byte of UTF-8 inside a character? */
function isInside(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** How deep the details of a check may be, and how long a text in them. */
const [deepest, longestDetail] = [5, 1024];

/**
 * A plain object as JSON has it, with what JSON cannot carry as text, and no more of it than 4 KB: what
 * is left out is said. Never throws. `undefined` for anything that is no plain object.
 */
export function boundedDetails(value: unknown): Record<string, unknown> | undefined {
  try {
    if (!isPlain(value)) return undefined;
    return new Details().entries(value, []);
  } catch (error) {
    return { "…": unreadable(error) };
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm has another Object.prototype, which has no prototype either.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Copies until there is no more room. */
class Details {
  #room = longestText;

  entries(object: object, around: readonly object[]): Record<string, unknown> {
    const names = Object.keys(object);
    const copied: [string, unknown][] = [];
    for (const [index, name] of names.entries()) {
      if (this.#room <= 0) {
        copied.push(["…", `${names.length - index} more`]);
        break;
      }
      const value = this.#read(() => Reflect.get(object, name), [...around, object]);
      if (value !== undefined) copied.push([this.#text(name), value]);
    }
    return Object.fromEntries(copied);
  }

  #items(list: readonly unknown[], around: readonly object[]): unknown[] {
    const copied: unknown[] = [];
    for (let index = 0; index < list.length; index++) {
      if (this.#room <= 0) return [...copied, `… (${list.length - index} more)`];
      copied.push(this.#read(() => list[index], [...around, list]) ?? null);
    }
    return copied;
  }

  /** A getter, a proxy or a `toJSON` may throw. */
  #read(value: () => unknown, around: readonly object[]): unknown {
    try {
      return this.#copy(value(), around);
    } catch (error) {
      return this.#text(unreadable(error));
    }
  }

  #copy(value: unknown, around: readonly object[]): unknown {
    this.#room -= 8;
    switch (typeof value) {
      case "string":
        return this.#text(value);
      case "number":
        return Number.isFinite(value) ? value : String(value);
      case "boolean":
        return value;
      case "bigint":
        return this.#text(String(value));
      case "object":
        return value === null ? null : this.#object(value, around);
      default:
        return undefined;
    }
  }

  #object(value: object, around: readonly object[]): unknown {
    if (around.includes(value)) return "… (circular)";
    if (around.length >= deepest) return `… (deeper than ${deepest})`;
    const toJSON: unknown = Reflect.get(value, "toJSON");
    if (typeof toJSON === "function") {
      return this.#copy(Reflect.apply(toJSON, value, []), [...around, value]);
    }
    return Array.isArray(value) ? this.#items(value, around) : this.entries(value, around);
  }

  #text(text: string): string {
    const short = bounded(text, Math.max(64, Math.min(longestDetail, this.#room)));
    this.#room -= short.length;
    return short;
  }
}

function unreadable(error: unknown): string {
  return `… (cannot be read: ${bounded(describe(error), 256)})`;
}
