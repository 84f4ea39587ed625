import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import { assertEquals, assertFalse, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { parseWebhookSecret, sign } from "../../src/webhooks/sign.ts";

const key = Buffer.from("0123456789abcdef0123456789abcdef");

describe("parseWebhookSecret", () => {
  test("takes base64 with and without the prefix, the padding and a line end", () => {
    const encoded = key.toString("base64");
    for (const text of [encoded, `whsec_${encoded}`, `whsec_${encoded}\n`, encoded.slice(0, -1)]) {
      assertEquals(Buffer.from(parseWebhookSecret(text)), key);
    }
  });

  test("takes 24 to 64 bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 0, maxLength: 80 }), (bytes) => {
      const text = `whsec_${Buffer.from(bytes).toString("base64")}`;
      if (bytes.length >= 24 && bytes.length <= 64) {
        assertEquals(Buffer.from(parseWebhookSecret(text)), Buffer.from(bytes));
      } else {
        assertThrows(() => parseWebhookSecret(text), Error, `has ${bytes.length} bytes`);
      }
    }));
  });

  test("refuses what is not base64 and keys of a pair, and says what to do", () => {
    const refused: [string, RegExp][] = [
      ["correct horse battery staple", /not base64.*openssl/],
      ["whsec_YSB3ZWJob29rIGtleSBvZiAyNCBieXR_", /not base64.*openssl/],
      ["whsk_YSB3ZWJob29rIGtleSBvZiAyNCBieXRl", /Ed25519.*whsec_/],
      ["c2hvcnQ=", /has 5 bytes.*24 to 64.*openssl/],
    ];
    for (const [text, message] of refused) {
      const error = assertThrows(() => parseWebhookSecret(text), Error);
      assertMatch(error.message, message);
      assertFalse(error.message.includes(text.replace(/^wh[a-z]+_/, "")));
    }
  });
});

describe("sign", () => {
  test("signs what an independent receiver verifies", () => {
    fc.assert(fc.property(
      fc.uint8Array({ minLength: 24, maxLength: 64 }),
      fc.json(),
      fc.uuid(),
      (bytes, body, id) => {
        const timestamp = Math.floor(Date.now() / 1000);
        const webhook = new Webhook(bytes, { format: "raw" });
        assertEquals(
          webhook.verify(body, {
            "webhook-id": id,
            "webhook-timestamp": String(timestamp),
            "webhook-signature": sign({ id, timestamp, body }, bytes),
          }),
          JSON.parse(body),
        );
      },
    ));
  });

  test("signs the id, the time and the body", () => {
    const content = { id: "msg_1", timestamp: 1_700_000_000, body: "{}" };
    const signature = sign(content, key);
    for (const change of [{ id: "msg_2" }, { timestamp: 1_700_000_001 }, { body: "[]" }]) {
      assertFalse(sign({ ...content, ...change }, key) === signature);
    }
    assertFalse(sign(content, key.subarray(1)) === signature);
  });
});
