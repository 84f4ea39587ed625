import { Buffer } from "node:buffer";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { after, before, beforeEach, describe, test } from "node:test";
import {
  assert,
  assertEquals,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { Webhook } from "standardwebhooks";
import { version } from "../../src/version.ts";
import {
  deliver,
  type DeliveryOutcome,
  type DeliveryPolicy,
  type Message,
} from "../../src/webhooks/delivery.ts";
import { parseWebhookSecret } from "../../src/webhooks/sign.ts";
import { parseWebhookUrl } from "../../src/webhooks/url.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { type Answer, hang, Receiver, statuses } from "./receiver.ts";

const message: Message = {
  id: "msg_1",
  event: { status: "failed", type: "readiness" },
  body: JSON.stringify({ status: "failed", type: "readiness", error_trace: "ä 💥" }),
};

let log: CapturedLog;
before(() => {
  log = new CapturedLog();
});
beforeEach(() => {
  log.clear();
});
after(() => log[Symbol.dispose]());

function send(
  url: string,
  policy: Partial<DeliveryPolicy> = {},
  abandoned = new AbortController().signal,
): Promise<DeliveryOutcome> {
  const defaults: DeliveryPolicy = { timeout: 30_000, retries: 2, backoffBase: 1 };
  return deliver(message, parseWebhookUrl(url), { ...defaults, ...policy }, abandoned);
}

/** Delivers to a receiver that answers so, and closes it. */
async function sendTo(
  answer: Answer,
  policy: Partial<DeliveryPolicy> = {},
): Promise<{ outcome: DeliveryOutcome; receiver: Receiver }> {
  const receiver = await Receiver.start(answer);
  try {
    return { outcome: await send(receiver.url, policy), receiver };
  } finally {
    await receiver.close();
  }
}

describe("a receiver that is up", () => {
  test("gets one POST with body and headers as they should be", async () => {
    const { outcome, receiver } = await sendTo(statuses(200));
    assertEquals(outcome, "delivered");
    assertEquals(receiver.requests.length, 1);
    const [request] = receiver.requests;
    assert(request !== undefined);
    assertEquals(request.method, "POST");
    assertEquals(request.url, "/hook");
    assertEquals(request.body, message.body);
    const { headers } = request;
    assertEquals(headers["content-type"], "application/json");
    assertEquals(headers["user-agent"], `hurricane/${version}`);
    assertEquals(headers["webhook-id"], "msg_1");
    assertMatch(headers["webhook-timestamp"] ?? "", /^\d{10}$/);
    assertFalse("webhook-signature" in headers);
    assertFalse("authorization" in headers);
    assertEquals(log.levels, ["debug"]);
  });

  test("gets the credentials of the URL in a header", async () => {
    const receiver = await Receiver.start();
    try {
      const url = receiver.url.replace("http://", "http://ops:p%40ss@");
      assertEquals(await send(`${url}?team=a`), "delivered");
      const [request] = receiver.requests;
      assertEquals(
        request?.headers["authorization"],
        `Basic ${Buffer.from("ops:p@ss").toString("base64")}`,
      );
      assertEquals(request?.url, "/hook?team=a");
    } finally {
      await receiver.close();
    }
  });

  test("has got it with the status, whatever becomes of the body", async () => {
    const closed = Promise.withResolvers<void>();
    const receiver = await Receiver.start((response) => {
      response.on("close", closed.resolve);
      response.writeHead(200, { "content-type": "application/json" }).write('{"never":');
    });
    try {
      assertEquals(await send(receiver.url), "delivered");
      await closed.promise;
      assertEquals(receiver.requests.length, 1);
    } finally {
      await receiver.close();
    }
  });
});

describe("a receiver that fails for the moment", () => {
  for (const status of [408, 425, 429, 500, 502, 503, 504, 507]) {
    test(`with ${status} is tried again`, async () => {
      const { outcome, receiver } = await sendTo(statuses(status, 204));
      assertEquals(outcome, "delivered");
      assertEquals(receiver.requests.length, 2);
      assertEquals(log.levels, ["warn", "debug"]);
      assertStringIncludes(log.text, `answered ${status}`);
    });
  }

  test("is tried as often as asked for, with the same id", async () => {
    const { outcome, receiver } = await sendTo(statuses(500), { retries: 3 });
    assertEquals(outcome, "failed");
    assertEquals(receiver.requests.length, 4);
    assertEquals(new Set(receiver.requests.map(({ headers }) => headers["webhook-id"])).size, 1);
    assertEquals(new Set(receiver.requests.map(({ body }) => body)).size, 1);
    assertEquals(log.levels, ["warn", "warn", "warn", "error"]);
  });

  test("is tried once where no retries are wanted", async () => {
    const { outcome, receiver } = await sendTo(statuses(500), { retries: 0 });
    assertEquals(outcome, "failed");
    assertEquals(receiver.requests.length, 1);
  });

  test("is given the time that it asks for; each attempt is signed anew", async () => {
    const key = Buffer.alloc(32, "k");
    const secret = `whsec_${key.toString("base64")}`;
    const { outcome, receiver } = await sendTo((response, index) => {
      response.writeHead(index === 0 ? 503 : 204, index === 0 ? { "retry-after": "1" } : {}).end();
    }, { key: parseWebhookSecret(secret) });
    assertEquals(outcome, "delivered");
    assertEquals(receiver.requests.length, 2);
    for (const { body, headers } of receiver.requests) {
      assertEquals(new Webhook(secret).verify(body, headers), JSON.parse(message.body));
    }
    const [first, second] = receiver.requests.map(({ headers }) => headers);
    assertEquals(log.records[0]?.properties["wait"], 1000);
    assertGreater(Number(second?.["webhook-timestamp"]), Number(first?.["webhook-timestamp"]));
    assertNotEquals(second?.["webhook-signature"], first?.["webhook-signature"]);
  });
});

describe("a receiver that refuses", () => {
  for (const status of [400, 401, 403, 404, 409, 410, 422]) {
    test(`with ${status} is not asked again`, async () => {
      const { outcome, receiver } = await sendTo(statuses(status, 204));
      assertEquals(outcome, "failed");
      assertEquals(receiver.requests.length, 1);
      assertEquals(log.levels, ["error"]);
      assertStringIncludes(log.text, `answered ${status}`);
    });
  }

  for (const status of [401, 403]) {
    test(`with ${status} is said to have got no signature, where there is none`, async () => {
      await sendTo(statuses(status));
      assertStringIncludes(log.text, `answered ${status}; it was sent unsigned: no secret is set`);
      log.clear();
      await sendTo(statuses(status), { key: Buffer.alloc(32) });
      assertStringIncludes(log.text, `answered ${status}`);
      assertFalse(log.text.includes("unsigned"));
    });
  }

  for (const status of [301, 302, 303, 307, 308]) {
    test(`with a ${status} to elsewhere is not followed`, async () => {
      const { outcome, receiver } = await sendTo((response) => {
        response.writeHead(status, { location: "/other?token=abc" }).end();
      });
      assertEquals(outcome, "failed");
      assertEquals(receiver.requests.map(({ url }) => url), ["/hook"]);
      assertMatch(
        log.text,
        new RegExp(`answered ${status}, redirecting to .*/other\\?token=\\*\\*\\*`),
      );
    });
  }

  test("with an answer that is neither yes nor no is not asked again", async () => {
    const { outcome, receiver } = await sendTo(statuses(304, 204));
    assertEquals(outcome, "failed");
    assertEquals(receiver.requests.length, 1);
  });
});

describe("a receiver that cannot be reached", () => {
  test("gets it once it is up", async () => {
    const gone = await Receiver.start();
    const { port, url } = gone;
    await gone.close();
    const outcome = send(url, { retries: 50, backoffBase: 20 });
    const warning = await log.first("warn");
    assertMatch(String(warning.properties["reason"]), /^could not be reached: [^[]*refused/i);
    const receiver = await Receiver.start(statuses(204), port);
    try {
      assertEquals(await outcome, "delivered");
      assertEquals(receiver.requests.length, 1);
    } finally {
      await receiver.close();
    }
  });

  test("is given up in the end", async () => {
    const gone = await Receiver.start();
    const { url } = gone;
    await gone.close();
    assertEquals(await send(url, { retries: 2 }), "failed");
    assertEquals(log.levels, ["warn", "warn", "error"]);
  });

  test("since it resets connections is tried again", async () => {
    const { outcome, receiver } = await sendTo((response, index) => {
      if (index === 0) response.socket?.resetAndDestroy();
      else response.writeHead(204).end();
    });
    assertEquals(outcome, "delivered");
    assertEquals(receiver.requests.length, 2);
  });
});

describe("a receiver that is slow", () => {
  test("is cut off and tried again", async () => {
    const closed = Promise.withResolvers<void>();
    const receiver = await Receiver.start((response, index) => {
      if (index === 0) response.on("close", closed.resolve);
      else response.writeHead(204).end();
    });
    try {
      assertEquals(await send(receiver.url, { timeout: 500, retries: 10 }), "delivered");
      await closed.promise;
      assertGreaterOrEqual(receiver.requests.length, 2);
      assertStringIncludes(log.text, "did not answer within 500 ms");
    } finally {
      await receiver.close();
    }
  });

  test("and gets no further than half a header is given up", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.write("HTTP/1.1 200 OK\r\ncontent-type: app");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const { port } = server.address() as AddressInfo;
      assertEquals(await send(`http://127.0.0.1:${port}/`, { timeout: 100, retries: 1 }), "failed");
      assertStringIncludes(log.text, "did not answer within 100 ms");
    } finally {
      server.close();
    }
  });

  test("has no more time than a timer can hold", async () => {
    const { outcome } = await sendTo(statuses(204), { timeout: Infinity, retries: 0 });
    assertEquals(outcome, "delivered");
  });
});

describe("a delivery that is abandoned", () => {
  test("ends while it waits for an answer", async () => {
    const receiver = await Receiver.start(hang);
    try {
      const controller = new AbortController();
      const outcome = send(receiver.url, {}, controller.signal);
      await receiver.arrived(1);
      controller.abort();
      assertEquals(await outcome, "dropped");
      assertEquals(log.levels, []);
    } finally {
      await receiver.close();
    }
  });

  test("ends while it waits for the next attempt", async () => {
    const receiver = await Receiver.start((response) => {
      response.writeHead(503, { "retry-after": "3600" }).end();
    });
    try {
      const controller = new AbortController();
      const outcome = send(receiver.url, {}, controller.signal);
      const warning = await log.first("warn");
      assertEquals(warning.properties["wait"], 60_000);
      controller.abort();
      assertEquals(await outcome, "dropped");
      assertEquals(receiver.requests.length, 1);
    } finally {
      await receiver.close();
    }
  });
});
