import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import { assertEquals, assertFalse, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseWebhookUrl, redactUrl, redactUrls } from "../../src/webhooks/url.ts";

describe("redactUrl", () => {
  test("hides credentials and keeps the rest", () => {
    const cases = {
      "https://example.com/hook": "https://example.com/hook",
      "https://example.com:8443/hook#part": "https://example.com:8443/hook",
      "https://ops:secret@example.com/hook": "https://***@example.com/hook",
      "https://token@example.com/hook": "https://***@example.com/hook",
      "https://example.com/?token=abc&team=x=y&flag": "https://example.com/?token=***&team=***&***",
      "https://hooks.slack.com/services/T0123/B0123/abcdefghijklmnopqrstuvwx":
        "https://hooks.slack.com/services/T0123/B0123/***",
    };
    for (const [url, shown] of Object.entries(cases)) assertEquals(redactUrl(url), shown);
  });

  test("hides credentials in what is not a URL", () => {
    const cases = {
      "": "",
      "example.com/hook": "example.com/hook",
      "localhost:8080/hook?token=abc": "localhost:8080/hook?***",
      "ops:secret@example.com/hook?token=abc": "***@example.com/hook?***",
      "http://ops:se/cret@example.com/hook": "***@example.com/hook",
      "http://ops:se?cret@example.com/hook": "***",
      "webhooks.ops.example.com/services/abcdefghijklmnopqrstuvwx":
        "webhooks.ops.example.com/services/***",
    };
    for (const [text, shown] of Object.entries(cases)) assertEquals(redactUrl(text), shown);
  });

  test("never shows a user, a password or a parameter's value, whatever they are", () => {
    const secret = fc.string({ minLength: 1 }).map((text) => `s3cr3t${text}`);
    fc.assert(fc.property(secret, secret, secret, fc.webUrl(), (user, password, value, base) => {
      const url = new URL(base);
      url.username = user;
      url.password = password;
      url.searchParams.set("key", value);
      assertFalse(redactUrl(url.href).includes("s3cr3t"));
      assertFalse(redactUrl(url.href.replace(/^https?:\/\//, "")).includes("s3cr3t"));
      assertFalse(
        redactUrls(`cannot reach ${url.href}: refused`, parseWebhookUrl(base)).includes("s3cr3t"),
      );
    }));
  });

  test("never throws", () => {
    fc.assert(fc.property(fc.string(), (text) => {
      redactUrl(text);
      redactUrl(`http://${text}`);
    }));
  });
});

describe("redactUrls", () => {
  test("leaves the text around a URL as it is", () => {
    const target = parseWebhookUrl("http://example.com/hook?token=$&");
    assertEquals(
      redactUrls("request for url (http://example.com/hook?token=$&): refused", target),
      "request for url (http://example.com/hook?token=***&***): refused",
    );
  });
});

describe("parseWebhookUrl", () => {
  test("turns credentials into a header", () => {
    assertEquals(parseWebhookUrl("https://o%40ps:p%3Aä%zz@example.com/hook?a=b"), {
      href: "https://example.com/hook?a=b",
      shown: "https://***@example.com/hook?a=***",
      authorization: `Basic ${Buffer.from("o@ps:p%3A%C3%A4%zz").toString("base64")}`,
    });
    assertEquals(
      parseWebhookUrl("https://o%40ps:p%3A%C3%A4@example.com").authorization,
      `Basic ${Buffer.from("o@ps:p:ä").toString("base64")}`,
    );
    assertEquals(parseWebhookUrl("http://example.com/hook").authorization, undefined);
  });

  test("refuses what cannot be called, without its credentials", () => {
    for (const text of ["", "example.com/hook", "ftp://example.com/", "ops:secret@example.com"]) {
      const error = assertThrows(() => parseWebhookUrl(text), Error, "must be absolute");
      assertFalse(error.message.includes("secret"));
    }
  });
});
