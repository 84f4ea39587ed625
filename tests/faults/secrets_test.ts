import { describe, test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { Webhook } from "standardwebhooks";
import { form, launch, runtime, serve } from "../support/hurricane.ts";
import { Receiver } from "../support/receiver.ts";

const secret = `whsec_${btoa("a secret of thirty-two bytes ...")}`;

/** Prints its environment. */
const script = `import process from "node:process"; console.log(JSON.stringify(process.env));`;

/** Answers with its own environment and that of a script that it runs. */
const handler = `
  import { execFileSync } from "node:child_process";
  import process from "node:process";
  const args = "Deno" in globalThis ? ["run", "-A"] : [];
  export default { fetch: () => new Response(
    JSON.stringify(process.env) + execFileSync(process.execPath, [...args, "./script.mjs"]),
  ) };`;

// Promise: what is secret reaches the supervisor, and nobody else.
const ways: Record<string, (url: string) => { env?: object; files?: object; skip?: boolean }> = {
  "variables": (url) => ({
    env: { HURRICANE_WEBHOOK_SECRET: secret, HURRICANE_WEBHOOK_URL: url },
  }),
  // Deno reads none.
  ".env": (url) => ({
    files: { ".env": `HURRICANE_WEBHOOK_SECRET=${secret}\nHURRICANE_WEBHOOK_URL=${url}\n` },
    skip: runtime === "deno",
  }),
  "files": (url) => ({
    env: {
      HURRICANE_WEBHOOK_SECRET_FILE: "secrets/secret",
      HURRICANE_WEBHOOK_URL_FILE: "secrets/urls",
    },
    files: { "secrets/secret": `${secret}\n`, "secrets/urls": `\n${url}\n` },
  }),
};

describe(`the webhooks' secret and URL (${form})`, () => {
  for (const [way, given] of Object.entries(ways)) {
    const { skip = false } = given("");
    test(`from ${way} reach neither handler nor scripts, and are used`, { skip }, async () => {
      await using receiver = await Receiver.open();
      const url = `${receiver.url()}/credentials`;
      const { env, files } = given(url);
      await using hurricane = await serve(handler, {
        args: ["--command", "./script.mjs", "--access-log"],
        env: { ...env },
        files: { "script.mjs": script, ...files },
      });
      await receiver.states(1);
      const [{ body, headers, path } = {}] = receiver.attempts.items;
      assert(path?.endsWith("/credentials"), path);
      new Webhook(secret).verify(body ?? "", headers as Record<string, string>);

      const seen = (await hurricane.get()).text + hurricane.stderr.items.join("\n");
      // The script has told something.
      assertStringIncludes(seen, "[script.mjs] {");
      for (const word of [secret, "/credentials"]) assert(!seen.includes(word), seen);
    });
  }

  const wrong: Record<string, { env: Record<string, string>; says: string }> = {
    "that is not there": {
      env: { HURRICANE_WEBHOOK_SECRET_FILE: "missing" },
      says: `HURRICANE_WEBHOOK_SECRET_FILE "missing" cannot be read: there is no such file`,
    },
    "that is a device": {
      env: { HURRICANE_WEBHOOK_SECRET_FILE: "/dev/zero" },
      says: `HURRICANE_WEBHOOK_SECRET_FILE "/dev/zero" cannot be read: it is no regular file`,
    },
    "that is empty": {
      env: { HURRICANE_WEBHOOK_URL_FILE: "empty" },
      says: `HURRICANE_WEBHOOK_URL_FILE "empty" is empty`,
    },
    "beside the variable itself": {
      env: {
        HURRICANE_WEBHOOK_SECRET_FILE: "/proc/self/comm",
        HURRICANE_WEBHOOK_SECRET: secret,
      },
      says: "HURRICANE_WEBHOOK_SECRET_FILE and HURRICANE_WEBHOOK_SECRET contradict each other",
    },
    "that holds no secret": {
      env: { HURRICANE_WEBHOOK_SECRET_FILE: "/proc/self/comm" },
      says: "HURRICANE_WEBHOOK_SECRET_FILE: ",
    },
  };
  for (const [what, { env, says }] of Object.entries(wrong)) {
    test(`a file ${what}: exit 2 and one line`, async () => {
      await using hurricane = launch(handler, { env, files: { empty: "\n" } });
      assertEquals((await hurricane.exited).code, 2);
      const [line] = hurricane.log.items;
      assertEquals(hurricane.stderr.items.length, 1);
      assertStringIncludes(line?.message ?? "", says);
    });
  }
});

// Promise: an executable that a script or a handler starts is its own program.
const executable = fileURLToPath(new URL("../../dist/hurricane", import.meta.url));

describe(`a Hurricane that is started by (${form})`, () => {
  const program = `
    import { execFileSync } from "node:child_process";
    console.log(String(execFileSync(process.env.PROGRAM, ["--version"], { encoding: "utf8" })));
    const about = [import.meta.main, process.argv.slice(2)];
    console.log(JSON.stringify(about));`;
  const skip = form === "executable" ? false : "only an executable can be two programs";

  test("a script command is Hurricane", { skip }, async () => {
    await using hurricane = await serve("export default { fetch: () => new Response('') };", {
      args: ["--command", "./script.mjs a"],
      env: { PROGRAM: executable },
      files: { "script.mjs": program },
    });
    await hurricane.logged(/\] hurricane \d/);
    await hurricane.logged(/\] \[true,\["a"\]\]$/);
  });

  test("a script that the handler runs is Hurricane", { skip }, async () => {
    await using hurricane = await serve(
      `import { execFileSync } from "node:child_process";
      export default { fetch: () =>
        new Response(execFileSync(process.execPath, ["./script.mjs", "a"])) };`,
      { env: { PROGRAM: executable }, files: { "script.mjs": program } },
    );
    const { text } = await hurricane.get();
    assertStringIncludes(text, "hurricane ");
    assertStringIncludes(text, '[true,["a"]]');
  });

  test("a script's own script is the runtime's", { skip }, async () => {
    await using hurricane = await serve("export default { fetch: () => new Response('') };", {
      args: ["--command", "./outer.mjs"],
      files: {
        "outer.mjs": `import { execFileSync } from "node:child_process";
          console.log(String(execFileSync(process.execPath, ["./script.mjs", "x"])));`,
        "script.mjs": `import { execFileSync } from "node:child_process";
          if (process.argv[2] === "y") console.log("innermost");
          else console.log(String(execFileSync(process.execPath, ["./script.mjs", "y"])));`,
      },
    });
    await hurricane.logged(/\] innermost$/);
  });
});
