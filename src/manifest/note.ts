/**
 * Values with comments: what a resource is made of before it becomes YAML.
 *
 * @module
 */

/** A value and the comment that stands above it. */
export class Note<Value> {
  /** A line break begins a new line of the comment. */
  readonly comment: string;
  readonly value: Value;

  constructor(value: Value, comment: string) {
    this.value = value;
    this.comment = comment;
  }
}

/** A value without the comment that it may carry itself; those further in stay. */
export function withoutNote<Value>(noted: Value | Note<Value>): Value {
  return noted instanceof Note ? noted.value : noted;
}

/** A type in which any value may carry a comment. */
export type Noted<Value> = Inner<Value> | Note<Inner<Value>>;

type Inner<Value> = Value extends object ? { [Key in keyof Value]: Noted<Value[Key]> } : Value;

/**
 * Puts a comment above a value.
 *
 * @example
 * ```ts
 * import { note, type Noted } from "./note.ts";
 *
 * const scale: Noted<{ replicas: number }> = { replicas: note(2, "one for each zone") };
 * ```
 */
export function note<Value>(value: Value, comment: string): Note<Value> {
  return new Note(value, comment);
}
