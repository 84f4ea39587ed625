import { Buffer } from "node:buffer";
import { test } from "node:test";
import { assertFalse, assertStringIncludes } from "@std/assert";
import { deliver, type Message } from "../../src/webhooks/delivery.ts";
import { parseWebhookUrl } from "../../src/webhooks/url.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { type Answer, hang, Receiver, statuses } from "./receiver.ts";

const message: Message = {
  id: "msg_1",
  event: { status: "succeeded", type: "startup" },
  body: "{}",
};

test("credentials never reach the log", async () => {
  using log = new CapturedLog();
  const answers: Answer[] = [
    statuses(204),
    statuses(404),
    statuses(503),
    hang,
    (response) => response.socket?.resetAndDestroy(),
    (response) => {
      response.writeHead(302, { location: "http://ops:hunter2@127.0.0.1/?token=hunter2" }).end();
    },
    (response) => response.socket?.end("this is not HTTP\r\n\r\n"),
  ];
  const key = Buffer.from("hunter2".repeat(5));
  const send = (url: string) => {
    const policy = { timeout: 300, retries: 1, backoffBase: 1, key };
    return deliver(message, parseWebhookUrl(url), policy, new AbortController().signal);
  };
  const secretive = (url: string) =>
    url.replace("http://", "http://hunter2:hunter2@") + "/hunter2-hunter2-hunter2?token=hunter2";
  for (const answer of answers) {
    const receiver = await Receiver.start(answer);
    const url = secretive(receiver.url);
    await send(url);
    await receiver.close();
    // Once to a port where nobody listens any more.
    if (answer === answers[0]) await send(url);
  }
  await send(secretive("http://hurricane.invalid/hook"));
  assertStringIncludes(log.text, "/hook/***?token=***");
  assertFalse(/hunter2|aHVudGVyMg/.test(log.text), log.text);
});
