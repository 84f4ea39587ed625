import { test } from "node:test";
import { assertEquals } from "@std/assert";
import process from "node:process";
import { runtime } from "../../../src/runtime/mod.ts";
import { prepareApp } from "../../../src/supervisor/process/app_spawn.ts";
import { request } from "../../support/http.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { RunningApp } from "../../support/workers.ts";

/** A process that was prepared has the environment of that time. */
const handler = `
  import process from "node:process";
  export default { fetch: () => new Response(process.env["PATH"]) };`;

async function answer(): Promise<string> {
  await using app = await RunningApp.start(handler);
  return (await request(app.url())).text;
}

/** What is done after a process was prepared sees another environment. */
async function preparedFor(
  likely: string,
  action: (before: string, later: string) => Promise<void>,
): Promise<void> {
  const { PATH = "" } = process.env;
  try {
    prepareApp(likely);
    process.env["PATH"] = `${PATH}:/later`;
    await action(PATH, `${PATH}:/later`);
  } finally {
    process.env["PATH"] = PATH;
  }
}

test("a prepared process serves the first handler, and another one the next", async () => {
  using dir = new TempDir();
  await preparedFor(dir.file("likely.ts", ""), async (before, later) => {
    assertEquals([await answer(), await answer()], [before, later]);
  });
});

test(
  "one that was prepared for another project is of no use where that decides how it is started",
  { skip: runtime.name === "deno" ? false : "no project does on Bun" },
  async () => {
    using dir = new TempDir();
    dir.file("deno.json", "{}");
    await preparedFor(dir.file("likely.ts", ""), async (_before, later) => {
      assertEquals(await answer(), later);
    });
  },
);
