import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { type DeliveryOutcome, Webhooks } from "../../src/webhooks/webhooks.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { type Answer, hang, statuses } from "./receiver.ts";
import { numbered, numbers, setUp, started, withReceivers } from "./set_up.ts";

describe("flush", () => {
  test("waits for the last retry", async () => {
    await withReceivers([statuses(503), statuses(503, 503, 204)], async (down, late) => {
      const { webhooks, outcomes } = setUp([down.url, late.url], { webhookRetries: 3 });
      webhooks.send(started);
      assertEquals(await webhooks.flush(), 0);
      assertEquals([down.requests.length, late.requests.length], [4, 3]);
      assertEquals(outcomes.map(([, outcome]) => outcome).sort(), ["delivered", "failed"]);
    });
  });

  test("waits for what is sent meanwhile", async () => {
    const released = Promise.withResolvers<void>();
    const slow: Answer = async (response, index) => {
      if (index === 0) await released.promise;
      response.writeHead(204).end();
    };
    await withReceivers([slow], async (slowReceiver) => {
      // Has delivered the first before the flush begins, and outlasts the other with the second.
      const fast: Answer = async (response, index) => {
        if (index > 0) await slowReceiver.arrived(2);
        setTimeout(() => response.writeHead(204).end(), index * 50);
      };
      await withReceivers([fast], async (fastReceiver) => {
        const first = Promise.withResolvers<void>();
        const outcomes: DeliveryOutcome[] = [];
        const webhooks = new Webhooks({
          webhookUrl: [fastReceiver.url, slowReceiver.url],
          webhookTimeout: 30_000,
          webhookRetries: 0,
        }, (_type, outcome) => {
          outcomes.push(outcome);
          first.resolve();
        });
        webhooks.send(numbered(1));
        await first.promise;
        const flushed = webhooks.flush();
        webhooks.send(numbered(2));
        released.resolve();
        assertEquals(await flushed, 0);
        assertEquals(outcomes, Array(4).fill("delivered"));
      });
    });
  });

  test("can be followed by another event", async () => {
    await withReceivers([statuses(204)], async (receiver) => {
      const { webhooks } = setUp([receiver.url]);
      for (const number of [1, 2]) {
        webhooks.send(numbered(number));
        assertEquals(await webhooks.flush(), 0);
      }
      assertEquals(numbers(receiver), [1, 2]);
    });
  });

  test("with time enough abandons nothing", async () => {
    await withReceivers([statuses(503, 204)], async (receiver) => {
      const { webhooks, outcomes } = setUp([receiver.url]);
      webhooks.send(started);
      assertEquals(await webhooks.flush(Infinity), 0);
      assertEquals(outcomes, [["startup", "delivered"]]);
    });
  });

  test("abandons what is pending after its timeout, each once, and says so", async () => {
    using log = new CapturedLog();
    await withReceivers([hang], async (receiver) => {
      const { webhooks, outcomes } = setUp([receiver.url.replace("//", "//ops:hunter2@")]);
      for (const number of [1, 2, 3]) webhooks.send(numbered(number));
      await receiver.arrived(1);
      assertEquals(await webhooks.flush(10), 3);
      assertEquals(outcomes, Array(3).fill(["readiness", "dropped"]));
      assertEquals(await webhooks.flush(), 0);
      assertEquals(outcomes.length, 3);
      const error = log.records.find(({ level }) => level === "error");
      assertEquals(error?.properties["count"], 3);
      assertStringIncludes(log.text, "127.0.0.1");
      assertFalse(log.text.includes("hunter2"));
    });
  });

  test("leaves a queue behind that works", async () => {
    const answer: Answer = (response, index) => {
      if (index > 0) response.writeHead(204).end();
    };
    await withReceivers([answer], async (receiver) => {
      const { webhooks, outcomes } = setUp([receiver.url]);
      webhooks.send(numbered(1));
      await receiver.arrived(1);
      assertEquals(await webhooks.flush(0), 1);
      webhooks.send(numbered(2));
      assertEquals(await webhooks.flush(), 0);
      assertEquals(numbers(receiver), [1, 2]);
      assertEquals(outcomes, [["readiness", "dropped"], ["readiness", "delivered"]]);
    });
  });

  const cases: [string, Answer, number, string][] = [
    ["after a delivery", (response) => response.end("fine"), 60_000, "0\n"],
    ["in the middle of an attempt", hang, 100, "1\n"],
    [
      "in the middle of a pause",
      (response) => response.writeHead(503, { "retry-after": "60" }).end(),
      1000,
      "1\n",
    ],
  ];
  for (const [when, answer, timeout, printed] of cases) {
    test(`${when} leaves nothing that keeps the process alive`, async () => {
      await withReceivers([answer], async (receiver) => {
        const script = fileURLToPath(new URL("./flush_process.ts", import.meta.url));
        const run = process.versions["deno"] === undefined ? [] : ["run", "-A"];
        const child = spawn(process.execPath, [...run, script, receiver.url, String(timeout)], {
          stdio: ["ignore", "pipe", "inherit"],
        });
        const guard = setTimeout(() => child.kill("SIGKILL"), 30_000);
        const [output, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
        clearTimeout(guard);
        assertEquals(output, printed);
        assertEquals(code, 0);
      });
    });
  }
});
