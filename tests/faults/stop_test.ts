import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { Connection } from "../support/http.ts";
import { form, serve } from "../support/hurricane.ts";

// Promise: a request is said to be cut off where one was, and nowhere else.
const rows: Record<string, { handler: string; busy?: true; code?: 0; says: RegExp }> = {
  "a process that exits by itself while it stops": {
    handler: "export const onShutdown = () => process.exit(3);",
    says: /did not stop as asked: it exited with code 3$/,
  },
  "a process that is killed by somebody while it stops": {
    handler: "export const onShutdown = () => process.kill(process.pid, 'SIGKILL');",
    says: /did not stop as asked: it was killed by SIGKILL$/,
  },
  "a process that an exit listener keeps": {
    handler: `process.on("exit", () => { while (true); });`,
    code: 0,
    says: /has stopped, but (its event loop stood still|it had not exited)/,
  },
  "a request that never ends": {
    handler: "",
    busy: true,
    says: /^(at least )?1 request was cut off \(--shutdown-timeout\)$/,
  },
};

describe(`what is said of a stop (${form})`, () => {
  for (const [what, { handler, busy, code = 1, says }] of Object.entries(rows)) {
    test(what, async () => {
      await using hurricane = await serve(
        `import process from "node:process";
        ${handler}
        export default { fetch: ({ url }) =>
          url.endsWith("/never") ? new Promise(() => console.log("never")) : new Response("x") };`,
        { args: ["--shutdown-timeout=100ms"], name: "handler.js" },
      );
      assertEquals((await hurricane.get()).text, "x");
      using client = await Connection.open(hurricane.url());
      if (busy) {
        client.send("/never");
        await hurricane.printed("never");
      }
      assertEquals(await hurricane.stop(), code);
      const lines = hurricane.log.items.map(({ message }) => message);
      const count = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length;
      assertEquals([count(says), count(/cut off/)], [1, busy ? 1 : 0], lines.join("\n"));
    });
  }
});
