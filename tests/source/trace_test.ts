import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse } from "@std/assert";
import { fileURLToPath } from "node:url";
import { isOwn, placesIn } from "../../src/source/trace.ts";

const hurricane = fileURLToPath(new URL("../../src/app/handler.ts", import.meta.url));

/** As the runtimes have been seen to write. */
const traces: Record<string, [string, string[]]> = {
  "Bun: a throw": [
    "Error: outer\n    at f (/srv/my app/a.ts:2:32)\n    at /srv/handler.ts:3:7",
    ["/srv/my app/a.ts:2:32", "/srv/handler.ts:3:7"],
  ],
  "Deno: a throw": [
    "Error: outer\n    at f (file:///srv/my%20app/a.ts:2:28)\n    at async file:///srv/handler.ts:3:7",
    ["/srv/my app/a.ts:2:28", "/srv/handler.ts:3:7"],
  ],
  "Bun: a syntax error": [
    `AggregateError: 2 errors building "/srv/c.ts"\n\nError 1 of 2: BuildMessage: Expected identifier
    at /srv/c.ts:1:19\n    export const x = {;`,
    ["/srv/c.ts", "/srv/c.ts:1:19"],
  ],
  "Deno: a syntax error": [
    "TypeError: SyntaxError: Unexpected token\n  |\n1 | x = {;\n  |     ~\n    at file:///srv/c.ts:1:19",
    ["/srv/c.ts:1:19"],
  ],
  "Bun: a missing file": [
    "ResolveMessage: Cannot find module './no.ts' imported from /srv/m.ts",
    ["/srv/m.ts"],
  ],
  "Deno: a missing file": [
    `TypeError: Module not found "file:///srv/no.ts".\n    at file:///srv/m.ts:1:26`,
    ["/srv/no.ts", "/srv/m.ts:1:26"],
  ],
  "Deno: a missing file, where imports are hooked": [
    `TypeError: Module not found "file:///srv/no.ts".
    at file:///srv/m.ts:1:26 at ext:core/01_core.js:405:7\n    at drainTicks (ext:core/01_core.js:1:5)`,
    ["/srv/no.ts", "/srv/m.ts:1:26"],
  ],
  "a missing CommonJS module": [
    "Error: Cannot find module './no.cjs'\nRequire stack:\n- /srv/a.cjs\n- /srv/b.cjs",
    ["/srv/a.cjs", "/srv/b.cjs"],
  ],
  "Deno: a missing export": [
    "SyntaxError: The requested module './ok.ts' does not provide 'x' at file:///srv/n.ts:1:10",
    ["/srv/n.ts:1:10"],
  ],
  "Bun: a missing export": [
    "SyntaxError: Export named 'x' not found in module '/srv/ok.ts'.",
    ["/srv/ok.ts"],
  ],
  "packages, the runtime and Hurricane": [
    `Error: no\n    at f (/srv/node_modules/x/index.js:1:2)\n    at node:module:4:14
    at g (ext:deno_node/x.ts:1:2)\n    at loadHandler (file://${hurricane}:47:28)\n    at native`,
    [],
  ],
  "nothing": ["just text", []],
};

describe("placesIn", () => {
  for (const [name, [trace, expected]] of Object.entries(traces)) {
    test(name, () => {
      const places = placesIn(trace).map(({ file, line, column }) =>
        line === undefined ? file : `${file}:${line}:${column}`
      );
      assertEquals(places, expected);
    });
  }
});

test("Hurricane knows its own files", () => {
  assert(isOwn(hurricane));
  assertFalse(isOwn("/srv/src/app/handler.ts"));
});
