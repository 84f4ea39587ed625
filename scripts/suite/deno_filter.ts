/**
 * `node:test` for Deno's tests when `scripts/test` has a filter: leaves out the tests whose full name
 * (`group > test`) does not contain it. Deno's own `--filter` knows the outermost groups alone.
 *
 * @module
 */
import * as node from "node:test";

export const { after, afterEach, before, beforeEach } = node;

const filter = Deno.env.get("TEST_FILTER") ?? "";

/** The groups around what is being defined. */
let groups: readonly string[] = [];

/** As in `node:test`, of which the tests use these forms. */
export function describe(name: string, ...rest: [() => void] | [node.TestOptions, () => void]) {
  const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
  const own = [...groups, name];
  // A group is not defined at once, but when Deno comes to it.
  return node.describe(name, options, () => {
    const outer = groups;
    groups = own;
    try {
      body();
    } finally {
      groups = outer;
    }
  });
}

/** As in `node:test`, of which the tests use these forms. */
export function test(name: string, ...rest: [node.TestFn] | [node.TestOptions, node.TestFn]) {
  if (![...groups, name].join(" > ").includes(filter)) return Promise.resolve();
  const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
  return node.test(name, options, body);
}
