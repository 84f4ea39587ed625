import { describe, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { form, run, runtime, serve } from "../support/hurricane.ts";

/** Says what it was started with, and answers. */
const child = `
import process from "node:process";
const about = { args: process.argv.slice(2), main: import.meta.main };
if (process.send === undefined) console.log(JSON.stringify(about));
else process.on("message", (message) => {
  process.send({ message, ...about });
  process.disconnect();
});
`;

const handler = (body: string) => `
  import { execFileSync, fork } from "node:child_process";
  import { join } from "node:path";
  import process from "node:process";
  const script = join(import.meta.dirname, "child.mjs");
  ${body}`;

describe(`the handler's children by process.execPath (${form})`, () => {
  const environments = { "its own": "process.env", "none of it": "{ PATH: process.env.PATH }" };
  for (const [name, env] of Object.entries(environments)) {
    test(`fork runs a script, with its messages; environment: ${name}`, async () => {
      await using hurricane = await serve(
        handler(`export default { fetch: () => new Promise((resolve) => {
          const child = fork(script, ["a", "b"], { env: ${env} });
          child.send("early");
          let got;
          child.on("message", (message) => got = message);
          child.once("exit", (code) => resolve(Response.json({ code, ...got })));
        }) };`),
        { files: { "child.mjs": child } },
      );
      const { text } = await hurricane.get();
      assertEquals(JSON.parse(text), { code: 0, message: "early", args: ["a", "b"], main: true });
    });
  }

  test("a script as the first argument is run", async () => {
    // Deno takes no script without `run`.
    const args = runtime === "deno" ? `["run", "-A", script, "a"]` : `[script, "a"]`;
    await using hurricane = await serve(
      handler(
        `export default { fetch: () => new Response(execFileSync(process.execPath, ${args})) };`,
      ),
      { files: { "child.mjs": child } },
    );
    assertEquals(JSON.parse((await hurricane.get()).text), { args: ["a"], main: true });
  });

  if (runtime === "bun") {
    test("Bun.spawn without env runs a script", async () => {
      await using hurricane = await serve(
        handler(`export default { fetch: () =>
          new Response(Bun.spawn([process.execPath, script, "a"]).stdout)
        };`),
        { files: { "child.mjs": child } },
      );
      assertEquals(JSON.parse((await hurricane.get()).text), { args: ["a"], main: true });
    });
  }

  const inherited = { "of another process": "1 {}", "of none": "{}", "empty": "" };
  for (const [name, value] of Object.entries(inherited)) {
    test(`an internal variable ${name} is a line and exit 1`, async () => {
      await using hurricane = run(["serve", "./handler.ts"], { HURRICANE_INTERNAL_APP: value });
      assertEquals((await hurricane.exited).code, 1);
      assertEquals(hurricane.stderr.items.length, 1);
      assertMatch(
        hurricane.stderr.items[0] ?? "",
        /^hurricane: HURRICANE_INTERNAL_APP is set, but/,
      );
    });
  }
});
