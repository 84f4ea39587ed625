import { describe, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { obliging, saying } from "../support/handlers.ts";
import { form, launch, runtime, serve } from "../support/hurricane.ts";
import { commandLine, signal } from "../support/processes.ts";
import { eventually } from "../support/wait.ts";

describe(`signals to all processes at once (${form})`, () => {
  const names = ["SIGTERM", "SIGINT", "SIGQUIT"] as const;
  for (const name of names) {
    test(`${name}: requests in flight finish, exit 0`, async () => {
      await using hurricane = await serve(obliging, { args: ["--workers", "2"] });
      const held = hurricane.get("/held");
      await hurricane.printed("holding");
      hurricane.signalAll(name);
      await hurricane.logged(/^draining/);
      writeFileSync(join(hurricane.dir, "release"), "");
      assertEquals((await held).text, "held");
      assertEquals((await hurricane.exited).code, 0);
      assert(!hurricane.log.items.some(({ level }) => level === "warn" || level === "error"));
    });
  }

  test("SIGHUP: the workers are replaced, and requests in flight finish", async () => {
    await using hurricane = await serve(obliging);
    const old = hurricane.children();
    const held = hurricane.get("/held");
    await hurricane.printed("holding");
    hurricane.signalAll("SIGHUP");
    await eventually("another worker to serve", async () => {
      const { text } = await hurricane.get("/pid");
      return !old.includes(Number(text));
    });
    writeFileSync(join(hurricane.dir, "release"), "");
    assertEquals((await held).text, "held");
    await hurricane.logged(/^all processes of the handler are replaced/);
    assert(hurricane.children().every((pid) => !old.includes(pid)));
    assertEquals(await hurricane.stop(), 0);
    assert(!hurricane.log.items.some(({ level }) => level === "warn" || level === "error"));
  });

  const listeners: Record<string, string> = {
    "on": `process.on("SIGTERM", ended);`,
    "once, late": `setTimeout(() => process.once("SIGTERM", ended), 50);`,
    ...(runtime === "deno" && {
      "Deno.addSignalListener": `Deno.addSignalListener("SIGTERM", ended);`,
    }),
  };
  for (const [name, listen] of Object.entries(listeners)) {
    test(`the handler's own listener for SIGTERM is called after the last request: ${name}`, async () => {
      await using hurricane = await serve(
        `import process from "node:process";
        const ended = () => { console.log("ended"); process.exit(9); };
        ${listen}${obliging.replaceAll(/^import process.*$/gm, "")}`,
        { args: ["--shutdown-timeout=120s"] },
      );
      const held = hurricane.get("/held");
      await hurricane.printed("holding");
      hurricane.signalAll("SIGTERM");
      await hurricane.logged(/^draining/);
      writeFileSync(join(hurricane.dir, "release"), "");
      assertEquals((await held).text, "held");
      assertEquals((await hurricane.exited).code, 0);
      assertEquals(hurricane.stdout.items, ["holding", "answering", "ended"]);
    });
  }

  test("SIGTERM while a command runs: it is interrupted, and has not failed", async () => {
    await using hurricane = launch(saying("x"), {
      args: ["--command", "sh -c 'echo ready; exec sleep 3600'"],
    });
    // Until it is that, the shell may be in the middle of becoming it, and seen by nobody.
    await eventually(
      "the command",
      () => hurricane.children().some((pid) => commandLine(pid).startsWith("sleep")),
    );
    // The command first, and its end is noticed before the supervisor gets its own.
    for (const pid of hurricane.children()) signal(pid, "SIGTERM");
    await eventually("the command's end", () => hurricane.children().length === 0);
    hurricane.signal("SIGTERM");
    assertEquals((await hurricane.exited).code, 143);
    assert(!hurricane.log.items.some(({ level }) => level === "error"));
  });

  test("what the handler starts can be ended by SIGTERM", async () => {
    await using hurricane = await serve(`
      import { spawn } from "node:child_process";
      export default { fetch: () => new Promise((resolve) => {
        const child = spawn("sleep", ["3600"], { stdio: "ignore" });
        child.once("spawn", () => child.kill("SIGTERM"));
        child.once("exit", (_, signal) => resolve(new Response(signal)));
      }) };`);
    assertEquals((await hurricane.get()).text, "SIGTERM");
  });
});

test(`nohup: SIGHUP is of no effect (${form})`, async () => {
  await using hurricane = await serve(saying("x"), {
    under: ["sh", "-c", `trap "" HUP; exec "$0" "$@"`],
  });
  const old = hurricane.children();
  hurricane.signalAll("SIGHUP");
  hurricane.signal("SIGTERM");
  assertEquals((await hurricane.exited).code, 0);
  assertEquals(old.length, 1);
  assert(!hurricane.log.items.some(({ message }) => message.includes("SIGHUP")));
});
