import { describe, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { freePort } from "../support/free_port.ts";
import { request } from "../support/http.ts";
import { form, launch, run } from "../support/hurricane.ts";

/** Clears the screen, rings, poses as a line of the log, and runs backwards. */
const evil = "\x1b[2J\x9b2J\x07\r\n12:00:00 forged\u202Eesrever\u2028";

/** What no terminal may be sent. */
const unsafe = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

const handler = `
  const evil = ${JSON.stringify(evil)};
  export const checks = { readiness: { database: () => { throw new Error(evil); } } };
  export default { fetch: () => { throw new Error("thrown " + evil); } };`;

// Promise: what somebody else has written takes over no terminal, and is no line of the log.
describe(`what is shown to a person (${form})`, () => {
  for (const logFormat of ["pretty", "json"]) {
    test(`as a log, ${logFormat}, is text alone`, async () => {
      const [port, probePort] = [await freePort(), await freePort()];
      const options = [`--port=${port}`, `--probe-port=${probePort}`, `--log-format=${logFormat}`];
      await using hurricane = launch(handler, {
        args: [...options, "--command=./script.mjs", "--access-log"],
        files: { "script.mjs": `console.log("written " + ${JSON.stringify(evil)});` },
        name: "handler.mjs",
      });
      await hurricane.stderr.until("its start", (line) => line.includes("serving on"));
      const { status } = await request(`http://127.0.0.1:${port}/%C2%9B`);
      assertEquals(status, 500);
      await using probe = run(["probe", "readiness", "--probe-port", String(probePort)]);
      assertEquals((await probe.exited).code, 1);
      await hurricane.stop();

      const lines = [...hurricane.stderr.items, ...probe.stdout.items];
      for (const said of ["written ", "thrown ", "database", "esrever"]) {
        assert(lines.some((line) => line.includes(said)), said);
      }
      for (const line of lines) assert(!unsafe.test(line), JSON.stringify(line));
      const forged = hurricane.stderr.items.filter((line) => line.startsWith("12:00:00 forged"));
      assertEquals(forged, []);
    });
  }

  test("as an error of use is text alone", async () => {
    await using hurricane = run(["serve", `--port=${evil}`, "./handler\x9b.ts"]);
    assertEquals((await hurricane.exited).code, 2);
    assertEquals(hurricane.stderr.items.length, 1);
    assert(!unsafe.test(hurricane.stderr.items[0] ?? ""), JSON.stringify(hurricane.stderr.items));
  });
});
