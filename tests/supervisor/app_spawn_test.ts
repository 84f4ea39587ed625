import { test } from "node:test";
import { assertEquals } from "@std/assert";
import process from "node:process";
import { runtime } from "../../src/runtime/mod.ts";
import { prepareApp } from "../../src/supervisor/app_spawn.ts";
import { request } from "../support/http.ts";
import { RunningApp } from "../support/workers.ts";

const skip = runtime.name === "bun" ? false : "nothing is prepared on Deno";
const name = "HURRICANE_WEBHOOK_SECRET";

/** Only a prepared process lacks the variable: it is started before the command line removes it. */
const handler = `
  import process from "node:process";
  export default { fetch: () => new Response(process.env["${name}"] ?? "prepared") };`;

async function answer(): Promise<string> {
  await using app = await RunningApp.start(handler);
  return (await request(app.url())).text;
}

test("a prepared process serves the first handler, and no secret is in it", { skip }, async () => {
  process.env[name] = "started later";
  try {
    prepareApp();
    assertEquals([await answer(), await answer()], ["prepared", "started later"]);
  } finally {
    delete process.env[name];
  }
});
