import { describe, test } from "node:test";
import { assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { saying } from "../support/handlers.ts";
import { form, launch } from "../support/hurricane.ts";
import { Receiver } from "../support/receiver.ts";

describe(`start (${form})`, () => {
  const failing: Record<string, { source: string; trace: RegExp }> = {
    "a module without a handler": { source: `export const a = 1;`, trace: /fetch/ },
    "a syntax error": { source: `export default { fetch( { ;`, trace: /handler\.ts/ },
    "a throw at import": {
      source: `throw new Error("no database", { cause: new Error("refused") });`,
      trace: /no database[^]*handler\.ts[^]*refused/,
    },
    "a missing import": { source: `import "./missing.ts";`, trace: /missing\.ts/ },
    "process.exit() at import": {
      source: `import process from "node:process"; process.exit(0);`,
      trace: /exit|code 0/,
    },
    "a native crash at import": {
      source: `import process from "node:process"; process.abort();`,
      trace: /SIG|signal|code/,
    },
  };
  for (const [name, { source, trace }] of Object.entries(failing)) {
    test(`${name} is a failed start: a webhook, exit 1`, async () => {
      await using receiver = await Receiver.open();
      await using hurricane = launch(source, { args: ["--webhook-url", receiver.url()] });
      assertEquals((await hurricane.exited).code, 1, JSON.stringify(hurricane.stderr.items));
      assertEquals(await receiver.states(1), ["startup failed"]);
      assertMatch(receiver.attempts.items[0]?.payload["error_trace"] ?? "", trace);
      assertEquals(receiver.attempts.items.length, 1);
      assertFalse(hurricane.log.items.some(({ message }) => message.startsWith("serving on")));
    });
  }

  for (const which of ["--port", "--probe-port"]) {
    test(`${which} in use is a failed start that names the port`, async () => {
      await using receiver = await Receiver.open();
      const port = new URL(receiver.url()).port;
      await using hurricane = launch(saying("never"), {
        args: ["--webhook-url", receiver.url(), which, port],
      });
      assertEquals((await hurricane.exited).code, 1);
      const { payload } = await receiver.delivery("startup", "failed");
      assertStringIncludes(payload["error_trace"] ?? "", port);
    });
  }

  test("a failed start waits for the last retry of its webhook", async () => {
    await using receiver = await Receiver.open(503, "reset");
    await using hurricane = launch("export const a = 1;", {
      args: ["--webhook-url", receiver.url()],
    });
    assertEquals((await hurricane.exited).code, 1);
    assertEquals(receiver.attempts.items.map(({ reaction }) => reaction), [503, "reset", 204]);
  });

  test("SIGTERM while the handler is imported ends it with 143", async () => {
    await using hurricane = launch(
      `console.log("importing"); await new Promise(() => setInterval(() => {}, 1000));
      export default { fetch: () => new Response("") };`,
    );
    await hurricane.printed("importing");
    assertEquals(await hurricane.stop(), 143);
  });
});
