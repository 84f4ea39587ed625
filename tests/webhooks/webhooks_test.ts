import { spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import process from "node:process";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  assert,
  assertEquals,
  assertFalse,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { Webhook } from "standardwebhooks";
import { version } from "../../src/version.ts";
import {
  type DeliveryOutcome,
  type ProbeType,
  type WebhookEvent,
  type WebhookOptions,
  Webhooks,
} from "../../src/webhooks/webhooks.ts";
import { CapturedLog } from "./captured_log.ts";
import { type Answer, hang, Receiver, statuses } from "./receiver.ts";

const started: WebhookEvent = { status: "succeeded", type: "startup" };

/** An event that can be told from others. */
function numbered(number: number): WebhookEvent {
  return { status: "failed", type: "readiness", errorTrace: String(number) };
}

function numbers(receiver: Receiver): number[] {
  return receiver.payloads.map((payload) => Number(payload["error_trace"]));
}

/** Webhooks to the URLs, with pauses too short to wait for, and what became of them. */
function setUp(
  webhookUrl: string[],
  options: Partial<WebhookOptions> = {},
): { webhooks: Webhooks; outcomes: [ProbeType, DeliveryOutcome][] } {
  const outcomes: [ProbeType, DeliveryOutcome][] = [];
  const webhooks = new Webhooks(
    { webhookUrl, webhookTimeout: 30_000, webhookRetries: 5, ...options },
    (type, outcome) => outcomes.push([type, outcome]),
    { backoffBase: 1 },
  );
  return { webhooks, outcomes };
}

async function withReceivers(
  answers: Answer[],
  use: (...receivers: Receiver[]) => Promise<void>,
): Promise<void> {
  const receivers = await Promise.all(answers.map((answer) => Receiver.start(answer)));
  try {
    await use(...receivers);
  } finally {
    await Promise.all(receivers.map((receiver) => receiver.close()));
  }
}

describe("Webhooks", () => {
  test("refuses wrong options", () => {
    assertThrows(() => setUp(["ops/hook"]), Error, "webhook URL ops/hook");
    assertThrows(() => setUp([], { webhookSecret: "short" }), Error, "webhook secret");
  });

  test("does nothing where there is no URL", async () => {
    const { webhooks, outcomes } = setUp([]);
    webhooks.send(started);
    assertEquals(await webhooks.flush(), 0);
    assertEquals(await webhooks.flush(0), 0);
    assertEquals(outcomes, []);
  });

  test("sends the payload, signed, with the time of the event", async () => {
    await withReceivers([statuses(503, 204)], async (receiver) => {
      const secret = `whsec_${btoa("a key that is long enough")}`;
      const { webhooks, outcomes } = setUp([receiver.url], { webhookSecret: secret });
      const before = Date.now();
      webhooks.send({ status: "failed", type: "liveness", errorTrace: "why" });
      const afterwards = Date.now();
      assertEquals(await webhooks.flush(), 0);
      assertEquals(outcomes, [["liveness", "delivered"]]);
      assertEquals(receiver.requests.length, 2);
      for (const { body, headers } of receiver.requests) {
        assertMatch(headers["webhook-id"] ?? "", /^msg_[0-9a-f-]{36}$/);
        const payload = new Webhook(secret).verify(body, headers) as Record<string, string>;
        const timestamp = payload["timestamp"] ?? "";
        assertLessOrEqual(before, Date.parse(timestamp));
        assertLessOrEqual(Date.parse(timestamp), afterwards);
        const expected = { type: "liveness", error_trace: "why", hostname: hostname(), version };
        assertEquals(payload, { status: "failed", timestamp, ...expected });
      }
    });
  });

  test("sends an event with the same id to all URLs, and each event with its own", async () => {
    await withReceivers([statuses(204), statuses(503, 204)], async (one, two) => {
      const { webhooks } = setUp([one.url, two.url]);
      webhooks.send(numbered(1));
      webhooks.send(numbered(2));
      await webhooks.flush();
      const ids = (receiver: Receiver) =>
        receiver.requests.map(({ headers }) => headers["webhook-id"]);
      const [first, second] = ids(one);
      assertNotEquals(first, second);
      assertEquals(ids(one), [first, second]);
      assertEquals(ids(two), [first, first, second]);
    });
  });

  test("keeps the order across retries, one at a time", async () => {
    let open = 0;
    const most: number[] = [];
    const answer: Answer = (response, index) => {
      most.push(++open);
      // Two failures before each success. The pause is for a second delivery to slip in.
      setTimeout(() => {
        open--;
        response.writeHead(index % 3 === 2 ? 204 : 503).end();
      }, 5);
    };
    await withReceivers([answer], async (receiver) => {
      const { webhooks, outcomes } = setUp([receiver.url]);
      for (const number of [1, 2, 3, 4]) webhooks.send(numbered(number));
      assertEquals(await webhooks.flush(), 0);
      assertEquals(numbers(receiver), [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
      assertEquals(Math.max(...most), 1);
      assertEquals(outcomes, Array(4).fill(["readiness", "delivered"]));
    });
  });

  test("goes on with the next one after it has given up", async () => {
    await withReceivers([statuses(400, 204)], async (receiver) => {
      const { webhooks, outcomes } = setUp([receiver.url]);
      webhooks.send(numbered(1));
      webhooks.send(numbered(2));
      await webhooks.flush();
      assertEquals(numbers(receiver), [1, 2]);
      assertEquals(outcomes, [["readiness", "failed"], ["readiness", "delivered"]]);
    });
  });

  test("serves a URL while another hangs", async () => {
    await withReceivers([hang, statuses(204)], async (hanging, healthy) => {
      const { webhooks, outcomes } = setUp([hanging.url, healthy.url]);
      for (const number of [1, 2, 3]) webhooks.send(numbered(number));
      await Promise.all([hanging.arrived(1), healthy.arrived(3)]);
      assertEquals(numbers(hanging), [1]);
      assertEquals(numbers(healthy), [1, 2, 3]);
      assertEquals(await webhooks.flush(100), 3);
      assertEquals(outcomes.filter(([, outcome]) => outcome === "delivered").length, 3);
      assertEquals(outcomes.filter(([, outcome]) => outcome === "dropped").length, 3);
    });
  });

  test("drops the oldest that waits when a hundred are pending, and says so", async () => {
    const log = new CapturedLog();
    const released = Promise.withResolvers<void>();
    const answer: Answer = async (response) => {
      await released.promise;
      response.writeHead(204).end();
    };
    try {
      await withReceivers([answer], async (receiver) => {
        const { webhooks, outcomes } = setUp([receiver.url]);
        for (let number = 1; number <= 100; number++) webhooks.send(numbered(number));
        assertEquals(outcomes, []);
        for (let number = 101; number <= 103; number++) webhooks.send(numbered(number));
        assertEquals(outcomes, Array(3).fill(["readiness", "dropped"]));
        assertEquals(log.levels, ["error", "error", "error"]);
        released.resolve();
        assertEquals(await webhooks.flush(), 0);
        // The first was under way. Two to four gave way to the last three.
        const kept = Array.from({ length: 99 }, (_, index) => index + 5);
        assertEquals(numbers(receiver), [1, ...kept]);
        assertEquals(outcomes.length, 103);
      });
    } finally {
      log.stop();
    }
  });
});

describe("flush", () => {
  test("waits for the last retry, and for what is sent meanwhile", async () => {
    await withReceivers([statuses(503), statuses(503, 503, 204)], async (down, late) => {
      const { webhooks, outcomes } = setUp([down.url, late.url], { webhookRetries: 3 });
      webhooks.send(numbered(1));
      const flushed = webhooks.flush();
      await late.arrived(2);
      webhooks.send(numbered(2));
      assertEquals(await flushed, 0);
      assertEquals(numbers(down), [1, 1, 1, 1, 2, 2, 2, 2]);
      assertEquals(numbers(late), [1, 1, 1, 2]);
      assertEquals(outcomes.length, 4);
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
    const log = new CapturedLog();
    try {
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
    } finally {
      log.stop();
    }
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
        assert(code === 0, `ended with ${code}`);
      });
    });
  }
});
