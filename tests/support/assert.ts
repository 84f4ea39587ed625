/**
 * The part of `@std/assert` that the tests use, over `node:assert/strict`.
 *
 * The original lives in the JSR registry. Where that can be reached, the line in deno.json becomes
 * `"@std/assert": "jsr:@std/assert@1"` and this file and tests/tsconfig.json go: names and
 * signatures are the same.
 *
 * @module
 */
import nodeAssert, { AssertionError } from "node:assert/strict";

export { AssertionError };

// deno-lint-ignore no-explicit-any -- parameter types are contravariant: `unknown[]` matches no class
type ErrorClass<E> = abstract new (...args: any[]) => E;

function check(ok: boolean, message: string, msg?: string): asserts ok {
  if (!ok) {
    throw new AssertionError({ message: msg === undefined ? message : `${message}: ${msg}` });
  }
}

/** The expression is truthy. */
export function assert(expr: unknown, msg = "Expected a truthy value"): asserts expr {
  if (!expr) throw new AssertionError({ message: msg });
}

/** The expression is falsy. */
export function assertFalse(
  expr: unknown,
  msg = "Expected a falsy value",
): asserts expr is false | 0 | "" | null | undefined {
  if (expr) throw new AssertionError({ message: msg });
}

/** Deep equality, with types and prototypes. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  nodeAssert.deepEqual(actual, expected, msg);
}

/** The opposite of {@linkcode assertEquals}. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  nodeAssert.notDeepEqual(actual, expected, msg);
}

/** `Object.is`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  nodeAssert.equal(actual, expected, msg);
}

/** Not `Object.is`. */
export function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void {
  nodeAssert.notEqual(actual, expected, msg);
}

/** Neither `null` nor `undefined`. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  check(actual !== null && actual !== undefined, `Expected a value, got ${actual}`, msg);
}

/** An object of the class. */
export function assertInstanceOf<E>(
  actual: unknown,
  expected: ErrorClass<E>,
  msg?: string,
): asserts actual is E {
  check(actual instanceof expected, `Expected a ${expected.name}, got ${actual}`, msg);
}

/** The text contains the other. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  check(actual.includes(expected), `Expected ${quote(actual)} to contain ${quote(expected)}`, msg);
}

/** The text matches the pattern. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  check(actual.search(expected) >= 0, `Expected ${quote(actual)} to match ${expected}`, msg);
}

/** The text does not match the pattern. */
export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void {
  check(actual.search(expected) < 0, `Expected ${quote(actual)} not to match ${expected}`, msg);
}

/** `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  check(actual > expected, `Expected ${actual} > ${expected}`, msg);
}

/** `actual >= expected`. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  check(actual >= expected, `Expected ${actual} >= ${expected}`, msg);
}

/** `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  check(actual < expected, `Expected ${actual} < ${expected}`, msg);
}

/** `actual <= expected`. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  check(actual <= expected, `Expected ${actual} <= ${expected}`, msg);
}

/** The array contains every element of the other, by deep equality. */
export function assertArrayIncludes<T>(
  actual: readonly T[],
  expected: readonly T[],
  msg?: string,
): void {
  const missing = expected.filter((wanted) => !actual.some((given) => equal(given, wanted)));
  check(
    missing.length === 0,
    `Missing ${JSON.stringify(missing)} in ${JSON.stringify(actual)}`,
    msg,
  );
}

/** The function throws; returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** The function throws an error of the class whose message contains the text. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  errorClass?: ErrorClass<Error> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  try {
    fn();
  } catch (error) {
    return expected(error, errorClass, msgIncludes, msg);
  }
  return fail("Expected the function to throw");
}

/** The promise rejects; resolves to the reason. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/** The promise rejects with an error of the class whose message contains the text. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<Error> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  // A function that throws before it returns its promise has a bug that `await` would hide.
  const promise = fn();
  try {
    await promise;
  } catch (error) {
    return expected(error, errorClass, msgIncludes, msg);
  }
  return fail("Expected the promise to reject");
}

/** Fails. */
export function fail(msg?: string): never {
  throw new AssertionError({ message: msg ?? "Failed" });
}

function expected(
  error: unknown,
  errorClass: ErrorClass<Error> | string | undefined,
  msgIncludes: string | undefined,
  msg: string | undefined,
): unknown {
  if (errorClass === undefined || typeof errorClass === "string") return error;
  assertInstanceOf(error, errorClass, msg);
  if (msgIncludes !== undefined) assertStringIncludes(error.message, msgIncludes, msg);
  return error;
}

function equal(left: unknown, right: unknown): boolean {
  try {
    nodeAssert.deepEqual(left, right);
    return true;
  } catch {
    return false;
  }
}

function quote(text: string): string {
  return JSON.stringify(text);
}
