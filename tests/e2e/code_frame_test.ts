import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { form, launch, runtime } from "../support/hurricane.ts";

const deep = {
  "lib/a.ts": `import { b } from "./b.ts";\nexport const a = b;\n`,
  "lib/b.ts": `export { c as b } from "./deep/c.ts";\n`,
};

describe(`code that does not start (${form})`, () => {
  const failing: Record<string, {
    handler: string;
    files?: Record<string, string>;
    /** What the terminal shows, but for the column in "COLUMN", which the runtimes see differently. */
    shown: string[];
  }> = {
    "a syntax error, three imports away": {
      handler:
        `import { a } from "./lib/a.ts";\nexport default { fetch: () => new Response(a) };\n`,
      files: { ...deep, "lib/deep/c.ts": `// The value.\nexport const c = {;\n` },
      shown: [
        "lib/deep/c.ts:2:19",
        "  1 | // The value.",
        "> 2 | export const c = {;",
        "    |                   ^",
      ],
    },
    "a throw, three imports away": {
      handler:
        `import { a } from "./lib/a.ts";\nexport default { fetch: () => new Response(a) };\n`,
      files: {
        ...deep,
        "lib/deep/c.ts": `export const c = 1;\n\nthrow new Error("no database");\n`,
      },
      shown: [
        "lib/deep/c.ts:3:COLUMN",
        "  1 | export const c = 1;",
        "  2 |",
        `> 3 | throw new Error("no database");`,
      ],
    },
    "an import of a file that does not exist": {
      handler:
        `import { a } from "./lib/a.ts";\nexport default { fetch: () => new Response(a) };\n`,
      files: { "lib/a.ts": `const x = 1;\nexport { a } from "./missing.ts";\n` },
      shown: ["lib/a.ts:2:19", "  1 | const x = 1;", `> 2 | export { a } from "./missing.ts";`],
    },
    "an import of a name that is not exported": {
      handler: `import { a } from "./a.ts";\nexport default { fetch: () => new Response(a) };\n`,
      files: { "a.ts": `export const other = 1;\n` },
      shown: [
        "handler.ts:1:10",
        `> 1 | import { a } from "./a.ts";`,
        "    |          ^",
        "  2 | export default { fetch: () => new Response(a) };",
      ],
    },
  };
  for (const [name, { handler, files = {}, shown }] of Object.entries(failing)) {
    test(`is shown on the terminal: ${name}`, async () => {
      await using hurricane = launch(handler, { files, args: ["--log-format=pretty"] });
      assertEquals((await hurricane.exited).code, 1);
      const lines = hurricane.stderr.items.map((line) => line.trimEnd());
      const text = lines.join("\n");
      const first = lines.findIndex((line) => /cannot start: /.test(line));
      const frame = lines.slice(first + 1, first + 1 + shown.length);
      const expected = shown.map((line) => `    ${line}`);
      assertEquals([...frame.keys()].map((index) => line(frame, expected, index)), expected, text);
      // Neither how Hurricane nor how the runtime came there.
      const rest = lines.slice(first).join("\n");
      assertEquals(/runAppProcess|loadHandler|node:/.test(rest), false, text);
    });
  }

  test("has no place where there is no handler: the message tells", async () => {
    await using hurricane = launch("export const a = 1;", { args: ["--log-format=pretty"] });
    assertEquals((await hurricane.exited).code, 1);
    assertMatch(hurricane.stderr.items.join("\n"), /handler\.ts has no handler/);
  });

  test("is in a log of JSON lines with its place", async () => {
    await using hurricane = launch(`\n\nthrow new Error("no database");\n`);
    assertEquals((await hurricane.exited).code, 1);
    const line = await hurricane.logged(/^cannot start: Error: no database$/);
    const column = runtime === "bun" ? 11 : 7;
    assertStringIncludes(String(line["stack"]), `handler.ts:3:${column}\n`);
    assertStringIncludes(String(line["stack"]), `> 3 | throw new Error("no database");`);
  });
});

/** A line of the frame, with its column replaced where none is expected. */
function line(frame: string[], expected: string[], index: number): string | undefined {
  const open = expected[index]?.endsWith(":COLUMN");
  return open ? frame[index]?.replace(/:\d+$/, ":COLUMN") : frame[index];
}
