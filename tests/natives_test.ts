import { describe, test } from "node:test";
import { assertEquals, assertGreater } from "@std/assert";
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { importGraph } from "../src/source/imports.ts";
import * as natives from "../src/natives.ts";
import { loadedFor } from "./support/loaded.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

/** What a process that runs the handler may load: it begins here. */
const first = join(root, "src/app/process.ts");

/** Methods of `process` that a handler may replace, but for the getters and what is of the start alone. */
const methods = Object.keys(natives.processNatives);

/** Where they are replaced or made. */
const exempt = [
  "src/natives.ts",
  "src/app/kept_listeners.ts",
  "src/runtime/bun.ts",
  "src/runtime/deno.ts",
];

/** A source without comments, texts and types, as far as that can be had by so simple a way. */
function code(source: string): string {
  return source
    .replace(/\/\*.*?\*\//gs, "")
    .replace(/^\s*\/\/.*$/gm, "")
    .replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
}

/** The names of natives that a file uses as the globals that they are. */
function globalsOf(source: string): string[] {
  const text = code(source);
  const imported = new Set(
    [...text.matchAll(/import \{([^}]*)\} from/g)].flatMap(([, names = ""]) =>
      names.split(",").map((name) => name.trim().split(" as ")[0] ?? "")
    ),
  );
  const used = Object.keys(natives).filter((name) =>
    new RegExp(`(?:\\bnew |\\binstanceof )${name}\\b|(?<![\\w.#])${name}(?:\\(|\\.\\w)`).test(text)
  );
  const called = methods.filter((name) => new RegExp(`\\bprocess\\.${name}\\(`).test(text));
  return [
    ...used.filter((name) => !imported.has(name)),
    ...called.map((name) => `process.${name}`),
  ];
}

describe("what a process with a handler loads", () => {
  test("is no package, which takes Deno as long as all the rest", () => {
    const loaded = [...loadedFor("src/app/process.ts")];
    assertGreater(loaded.length, 50);
    assertEquals(
      loaded.filter((one) => !existsSync(join(root, one)) && !one.startsWith("node:")),
      [],
    );
    // The other side reads what this one says, with one.
    assertEquals(loadedFor("src/supervisor/service.ts").has("zod/mini"), true);
  });

  test("takes no global that a handler could have replaced", () => {
    const files = [...importGraph([first]).keys()].map((file) => relative(root, file))
      // What is of options, webhooks and messages there is types alone.
      .filter((file) => !exempt.includes(file) && !/^src\/(options|webhooks|amqp)\//.test(file));
    assertGreater(files.length, 50);
    const found = files.flatMap((file) =>
      globalsOf(readFileSync(join(root, file), "utf8")).map((name) => `${file}: ${name}`)
    );
    assertEquals(found, []);
  });

  test("would be found to take one", () => {
    assertEquals(globalsOf("/* JSON.parse */ setTimeout(go, 1);"), ["setTimeout"]);
    assertEquals(globalsOf("return new Response();"), ["Response"]);
    assertEquals(globalsOf('import { JSON } from "./natives.ts"; JSON.parse("{}")'), []);
    assertEquals(globalsOf("process.on(name, go)"), ["process.on"]);
  });
});
