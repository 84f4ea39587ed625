import { describe, test } from "node:test";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { obliging, saying } from "../support/handlers.ts";
import { Connection } from "../support/http.ts";
import { form, type Hurricane, launch, serve } from "../support/hurricane.ts";
import { signal } from "../support/processes.ts";
import { gone, hup } from "../support/replacing.ts";
import { eventually } from "../support/wait.ts";

/** Its process does not come up for as long as there is the file "wait". */
const patient = `${obliging}
while (existsSync("wait")) await new Promise((resolve) => setTimeout(resolve, 20));
`;

/** Waits for a process that is not among these. */
function another(hurricane: Hurricane, ...known: number[]): Promise<number> {
  return eventually(
    "another process",
    () => hurricane.children().find((pid) => !known.includes(pid)),
  );
}

describe(`replacing workers, in trouble (${form})`, () => {
  test("code that does not start changes nothing; the next that does is served", async () => {
    await using hurricane = await serve(saying("old"), { args: ["--workers=2"] });
    const old = hurricane.children();
    const file = join(hurricane.dir, "handler.ts");
    writeFileSync(file, "export default { fetch: ");
    hurricane.signal("SIGHUP");
    const { level } = await hurricane.logged(/cannot be replaced, and stays/);
    assertEquals(level, "error");
    await eventually("the end of the new one", () => hurricane.children().length === 2);
    assertEquals(hurricane.children(), old);
    assertEquals((await hurricane.probe("/ready")).status, 200);
    assertEquals((await hurricane.probe("/alive")).status, 200);
    assertEquals((await hurricane.get()).text, "old");
    writeFileSync(file, saying("new"));
    await hup(hurricane);
    assertEquals((await hurricane.get()).text, "new");
    await gone(hurricane, old);
    assertEquals(await hurricane.stop(), 0);
  });

  test("SIGHUP while starting and while draining does no harm", async () => {
    await using hurricane = launch(obliging, {
      args: ["--command", "sh -c 'while ! test -e go; do sleep 0.02; done'"],
    });
    await hurricane.probing();
    hurricane.signal("SIGHUP");
    await hurricane.logged(/^nothing is replaced while the service is starting$/);
    writeFileSync(join(hurricane.dir, "go"), "");
    await hurricane.serving();
    const held = hurricane.get("/held");
    await hurricane.printed("holding");
    hurricane.signal("SIGTERM");
    await hurricane.logged(/^draining/);
    hurricane.signal("SIGHUP");
    await hurricane.logged(/^nothing is replaced while the service is draining$/);
    writeFileSync(join(hurricane.dir, "release"), "");
    assertEquals((await held).text, "held");
    assertEquals((await hurricane.exited).code, 0);
  });

  test("SIGTERM while the new one loads: exit 0, nobody is left", async () => {
    await using hurricane = await serve(patient);
    const old = hurricane.children();
    writeFileSync(join(hurricane.dir, "wait"), "");
    const held = hurricane.get("/held");
    await hurricane.printed("holding");
    hurricane.signal("SIGHUP");
    await another(hurricane, ...old);
    hurricane.signal("SIGTERM");
    await hurricane.logged(/^draining/);
    writeFileSync(join(hurricane.dir, "release"), "");
    assertEquals((await held).text, "held");
    assertEquals((await hurricane.exited).code, 0);
    assert(!hurricane.log.items.some(({ level }) => level === "error"));
  });

  test("SIGTERM while the old one leaves: it serves on for --shutdown-delay", async () => {
    await using hurricane = await serve(patient, { args: ["--shutdown-delay=3s"] });
    using kept = await Connection.open(hurricane.url());
    using leaving = await Connection.open(hurricane.url());
    const { text: old } = await kept.get("/pid");
    const held = hurricane.get("/held");
    await hurricane.printed("holding");
    hurricane.signal("SIGHUP");
    await eventually("the old one to leave", async () => {
      const { headers } = await leaving.get("/");
      return headers.connection?.toLowerCase() === "close";
    });
    hurricane.signal("SIGTERM");
    await hurricane.probeUntil("/ready", 400);
    assertEquals((await kept.get("/pid")).text, old);
    assertNotEquals((await hurricane.get("/pid")).text, old);
    writeFileSync(join(hurricane.dir, "release"), "");
    assertEquals((await held).text, "held");
    assertEquals((await hurricane.exited).code, 0);
  });

  test("a new one that dies while it loads changes nothing", async () => {
    await using hurricane = await serve(patient);
    const old = hurricane.children();
    writeFileSync(join(hurricane.dir, "wait"), "");
    hurricane.signal("SIGHUP");
    signal(await another(hurricane, ...old), "SIGKILL");
    await hurricane.logged(/cannot be replaced, and stays: .*SIGKILL/);
    assertEquals(hurricane.children(), old);
    assertEquals((await hurricane.get("/pid")).text, String(old[0]));
    rmSync(join(hurricane.dir, "wait"));
    await hup(hurricane);
    await gone(hurricane, old);
    assertEquals(await hurricane.stop(), 0);
  });

  test("an old one that dies while the new one loads is followed by that", async () => {
    await using hurricane = await serve(patient);
    const [old = 0] = hurricane.children();
    writeFileSync(join(hurricane.dir, "wait"), "");
    hurricane.signal("SIGHUP");
    const successor = await another(hurricane, old);
    signal(old, "SIGKILL");
    await hurricane.logged(/was killed by SIGKILL/);
    assertEquals((await hurricane.probe("/ready")).status, 400);
    assertEquals((await hurricane.probe("/alive")).status, 200);
    rmSync(join(hurricane.dir, "wait"));
    await hurricane.probeUntil("/ready", 200);
    assertEquals((await hurricane.get("/pid")).text, String(successor));
    assertEquals(hurricane.children(), [successor]);
    assertEquals(await hurricane.stop(), 0);
  });
});
