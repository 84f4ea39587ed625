/**
 * What a handler can send to the supervisor past Hurricane, with `process.send`.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assertEquals, assertLess } from "@std/assert";
import { readFileSync } from "node:fs";
import { form, serve } from "../support/hurricane.ts";
import { parseExposition } from "../support/prometheus.ts";

const tooLong = /^the handler's process sent a message of more than 1 MB, which was left unread/;
const unreadable = (kind: string) =>
  new RegExp(`^the handler's process sent an unreadable message \\(${kind}\\): `);

/** What it sends, as the code that makes a message, how often, and what is said of it: once. */
const rows: Record<string, { sends: string; times?: number; says?: RegExp }> = {
  "a text of 100 MB": { sends: `"x".repeat(100 * 2 ** 20)`, says: tooLong },
  "a snapshot of a million rows": {
    sends: `tell("snapshot", { inFlight: 0, answered: 0, loopDelay: 0, requests: {
      durations: new Array(1e6).fill({ method: "GET", status: 200, buckets: [1, 2, 3], sum: 1 }),
      bodySizes: { buckets: [1], sum: 1 }, shed: 0 } })`,
    says: tooLong,
  },
  "lists in lists, a hundred thousand deep": {
    sends:
      `raw('{"hurricane":"tell","type":"imports","body":' + "[".repeat(1e5) + "]".repeat(1e5) + "}")`,
  },
  "a snapshot of the wrong types": {
    sends: `tell("snapshot", { inFlight: "many", answered: null })`,
    times: 50,
    says: unreadable("tell snapshot"),
  },
  "a snapshot that would spoil a sum": {
    sends: `tell("snapshot", { inFlight: 0, answered: 0, loopDelay: 0, requests: {
      durations: [{ method: "GET", status: 200, buckets: [-1], sum: 1e308 }] } })`,
    says: unreadable("tell snapshot"),
  },
  "answers to nothing, and in parts": {
    sends: `{ hurricane: "part", id: 1, text: "[".repeat(9e5) }`,
    times: 50,
  },
  "metrics that nobody asked for": {
    sends: `tell("series", { reading: 7, metric: "x".repeat(9e5) })`,
    times: 50,
  },
  "metrics that are none": {
    sends: `tell("series", { reading: 0, metric: '[{"name":' })`,
    times: 50,
    says: /^left out of the handler's metrics: one without a name: /,
  },
  "ten thousand messages of its own": { sends: `{ hello: "parent" }`, times: 10_000 },
};

/** The most memory that a process has had, in MB. */
function peak(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))!;
  return Number(kilobytes) / 1024;
}

describe(`messages past Hurricane (${form})`, () => {
  for (const [what, { sends, times = 1, says }] of Object.entries(rows)) {
    test(`${what} costs nothing but a line of the log`, async () => {
      await using hurricane = await serve(
        `import process from "node:process";
        import { Buffer } from "node:buffer";
        import { writeSync } from "node:fs";
        // Past process.send, which could not write it. What is in the way already may leave no room.
        const raw = (text) => {
          let rest = Buffer.from(text + "\\n");
          while (rest.length > 0) {
            try {
              rest = rest.subarray(writeSync(3, rest));
            } catch (error) {
              if (error.code !== "EAGAIN") throw error;
            }
          }
        };
        const tell = (type, body) => ({ hurricane: "tell", type, body });
        const send = (message) => new Promise((sent) =>
          process.send(message, undefined, undefined, sent));
        export default { async fetch() {
          const message = ${sends};
          for (let times = 0; times < ${times}; times++) if (message) await send(message);
          return new Response("sent");
        } };`,
        { name: "handler.js" },
      );
      await hurricane.probe("/metrics");
      const before = peak(hurricane.pid);
      for (let time = 0; time < 2; time++) assertEquals((await hurricane.get()).text, "sent");
      if (says !== undefined) await hurricane.logged(says);
      for (const path of ["/ready", "/alive"]) {
        assertEquals((await hurricane.probe(path)).status, 200);
      }
      const { text } = await hurricane.probe("/metrics");
      const requests = parseExposition(text).get("http_server_request_duration_seconds");
      assertEquals(requests?.samples.find(({ name }) => name.endsWith("_count"))?.value, 2);
      // Read whole, a text of 100 MB takes more than 700; of its chunks some wait to be collected.
      assertLess(peak(hurricane.pid) - before, 300);
      assertEquals(await hurricane.stop(), 0);
      const said = hurricane.log.items.filter(({ message }) => says?.test(message));
      assertEquals(said.length, says === undefined ? 0 : 1);
    });
  }
});
