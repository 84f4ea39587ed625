/**
 * Loaded before each file of Deno's tests, so that errors outside tests fail the file.
 *
 * From the first `test()` on, Deno's `node:test` keeps such errors to itself. A file that throws at its
 * top level then would pass with the tests defined so far, and what a promise or a timer throws that no
 * test waits for would be lost.
 *
 * @module
 */
for (const type of ["unhandledrejection", "error"]) {
  // Of the listeners this is the first, and `node:test` has one that would call the error handled.
  globalThis.addEventListener(type, (event) => event.stopImmediatePropagation());
}
