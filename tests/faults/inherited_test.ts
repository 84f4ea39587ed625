import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { readdirSync, readlinkSync } from "node:fs";
import { form, serve } from "../support/hurricane.ts";
import { commandLine } from "../support/processes.ts";
import { eventually } from "../support/wait.ts";

/** Starts a program when it is imported, and another one for each request; both outlive it. */
const handler = `
  import { spawn } from "node:child_process";
  const start = () => spawn("sleep", ["3600"], { stdio: "ignore", detached: true }).unref();
  start();
  export default { fetch: () => { start(); return new Response("x"); } };`;

// Promise: what a handler starts keeps nothing of Hurricane's open: no listener, no channel.
describe(`what the handler starts (${form})`, () => {
  test("inherits no socket", async () => {
    await using hurricane = await serve(handler, { name: "handler.mjs" });
    assertEquals((await hurricane.get()).text, "x");
    const programs = await eventually("both programs", () => {
      const found = hurricane.children().filter((pid) => commandLine(pid).endsWith("sleep 3600"));
      return found.length === 2 && found;
    });
    for (const pid of programs) {
      const folder = `/proc/${pid}/fd`;
      const open = readdirSync(folder).map((name) => readlinkSync(`${folder}/${name}`));
      assertEquals(open.filter((target) => target.startsWith("socket:")), []);
    }
  });
});
