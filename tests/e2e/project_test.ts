/**
 * What a handler's project says of how its modules are compiled and what is imported before them.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { decorated, saying } from "../support/handlers.ts";
import { form, launch, runtime, serve } from "../support/hurricane.ts";

describe(`a handler's project (${form})`, () => {
  test("has TypeScript's own decorators, with the types of what they decorate", async () => {
    const { source, files, types } = decorated;
    await using hurricane = await serve(source, { files });
    assertEquals(JSON.parse((await hurricane.get()).text), types);
    assertEquals((await hurricane.get("/throw")).status, 500);
    const { stack } = await hurricane.logged(/cannot open/);
    assertMatch(String(stack), /store\.ts:11:\d+/);
    assertMatch(String(stack), /handler\.ts:6:\d+/);
    assertEquals(await hurricane.stop(), 0);
  });

  const bunOnly = { skip: runtime !== "bun" && "Bun's own" };

  const denoOnly = { skip: runtime !== "deno" && "Deno's own" };

  test(
    "that cannot be read is an error in a line, after those of the options",
    denoOnly,
    async () => {
      const files = { "deno.json": '{ "imports": {' };
      await using wrong = launch(saying("x"), { files, args: ["--workers", "many"] });
      assertEquals((await wrong.exited).code, 2);
      await wrong.logged(/^--workers must be /);
      await using unreadable = launch(saying("x"), { files });
      assertEquals((await unreadable.exited).code, 1);
      const { message } = await unreadable.logged(/^cannot start: /);
      assertMatch(message, /\/deno\.json cannot be read: /);
    },
  );

  test("may be one of several that have a configuration together", bunOnly, async () => {
    const { source, files, types } = decorated;
    await using hurricane = await serve(source.replaceAll('"./', '"../../libs/'), {
      name: "apps/web/handler.ts",
      files: {
        "tsconfig.json": files["tsconfig.base.json"],
        "apps/web/tsconfig.json": `{ "extends": "../../tsconfig.json" }`,
        "libs/types.ts": files["types.ts"],
        "libs/store.ts": files["store.ts"],
      },
    });
    assertEquals(JSON.parse((await hurricane.get()).text), types);
  });

  test("may load what is decorated by require", bunOnly, async () => {
    const { source, files, types } = decorated;
    const required = source.replace(
      /^import .*store.*$/m,
      'const { Store } = require("./store.ts");',
    );
    await using hurricane = await serve(required, { files });
    assertEquals(JSON.parse((await hurricane.get()).text), types);
  });

  test("is preloaded as bunfig.toml says, in the handler's process alone", bunOnly, async () => {
    await using hurricane = await serve(
      `console.log("handler"); ${saying("served")}`,
      {
        files: {
          "bunfig.toml": `preload = ["./first.ts", "second"]\n`,
          "first.ts": `const first: string = "first"; console.log(first);`,
          "node_modules/second/package.json": `{ "name": "second", "version": "1.0.0" }`,
          "node_modules/second/index.js": `console.log("second");`,
        },
      },
    );
    assertEquals((await hurricane.get()).text, "served");
    assertEquals(await hurricane.stop(), 0);
    assertEquals(hurricane.stdout.items, ["first", "second", "handler"]);
  });

  test("does not start where what bunfig.toml preloads does not", bunOnly, async () => {
    await using hurricane = launch(saying("never"), {
      files: {
        "bunfig.toml": `preload = "./first.ts"\n`,
        "first.ts": `throw new Error("not this time");`,
      },
    });
    assertEquals((await hurricane.exited).code, 1);
    assertMatch(hurricane.stderr.items.join("\n"), /not this time/);
  });
});
