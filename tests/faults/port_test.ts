import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { saying } from "../support/handlers.ts";
import { form, launch, serve } from "../support/hurricane.ts";
import { freePort } from "../support/free_port.ts";

/** Runs until the file "go" is there. */
const waiting = "sh -c 'echo begun; while [ ! -e go ]; do sleep 0.05; done'";

// Promise: at most one Hurricane serves a port, whichever way and whenever they start.
describe(`one port, two Hurricanes (${form})`, () => {
  for (const host of ["127.0.0.1", "::1"]) {
    test(`${host}: one that came during the other's commands keeps the port`, async () => {
      const port = String(await freePort());
      const args = [`--host=${host}`, `--port=${port}`, "--workers=2"];
      await using late = launch(saying("late"), { args: [...args, "--command", waiting] });
      await late.logged(/\] begun$/);
      await using early = await serve(saying("early"), { args });

      writeFileSync(join(late.dir, "go"), "");
      const { message } = await late.logged(/^(cannot start|serving on)/);
      const address = host.includes(":") ? `[${host}]` : host;
      assertStringIncludes(message, `${address}:${port}: the port is taken`);
      assertEquals((await late.exited).code, 1);
      assertEquals((await early.get()).text, "early");
      // It may go on as before: a worker is replaced by another one.
      early.signal("SIGHUP");
      await early.logged(/^all processes of the handler are replaced/);
      assertEquals(await early.stop(), 0);
    });
  }

  test("of two whose commands run at the same time one serves", async () => {
    const args = ["--host=127.0.0.1", `--port=${await freePort()}`, "--command", waiting];
    await using first = launch(saying("first"), { args });
    // Each looks whether the port is free before its commands: at that moment it is the one who has it.
    await first.logged(/\] begun$/);
    await using second = launch(saying("second"), { args });
    await second.logged(/\] begun$/);
    const both = [first, second];
    for (const { dir } of both) writeFileSync(join(dir, "go"), "");

    const outcomes = both.map((hurricane) =>
      hurricane.log.until("an outcome", ({ message }) => /^(serving on|cannot start)/.test(message))
    );
    const started = (await Promise.all(outcomes)).map(({ message }) => message.slice(0, 7));
    assertEquals(started.toSorted(), ["cannot ", "serving"]);
  });
});
