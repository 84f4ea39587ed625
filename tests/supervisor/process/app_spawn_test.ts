import { test } from "node:test";
import { assertEquals } from "@std/assert";
import process from "node:process";
import { runtime } from "../../../src/runtime/mod.ts";
import { prepareApp } from "../../../src/supervisor/process/app_spawn.ts";
import { request } from "../../support/http.ts";
import { RunningApp } from "../../support/workers.ts";

const skip = runtime.name === "bun" ? false : "nothing is prepared on Deno";

/** A process that was prepared has the environment of that time. */
const handler = `
  import process from "node:process";
  export default { fetch: () => new Response(process.env["PATH"]) };`;

async function answer(): Promise<string> {
  await using app = await RunningApp.start(handler);
  return (await request(app.url())).text;
}

test(
  "a prepared process serves the first handler, and another one the next",
  { skip },
  async () => {
    const { PATH = "" } = process.env;
    try {
      prepareApp();
      process.env["PATH"] = `${PATH}:/later`;
      assertEquals([await answer(), await answer()], [PATH, `${PATH}:/later`]);
    } finally {
      process.env["PATH"] = PATH;
    }
  },
);
