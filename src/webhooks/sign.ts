/**
 * The signature by which a receiver knows that a webhook is Hurricane's, as
 * [Standard Webhooks](https://www.standardwebhooks.com) define it.
 *
 * @module
 */
import process from "node:process";

/** Shorter keys are guessable, longer ones gain nothing: the bounds that Standard Webhooks set. */
const keyBytes = { least: 24, most: 64 };

/** How a new secret is made, for those who have none, or whose secret is refused. */
export const newWebhookSecret = "a new one: echo whsec_$(openssl rand -base64 32)";

/**
 * The key in a webhook secret: `whsec_` (which may be left out) and 24 to 64 bytes in base64.
 *
 * @throws {Error} If it is something else. The message never contains the secret.
 * @example
 * ```ts
 * import { parseWebhookSecret } from "./sign.ts";
 *
 * parseWebhookSecret("whsec_YSB3ZWJob29rIGtleSBvZiAyNCBieXRl").length; // 24
 * ```
 */
export function parseWebhookSecret(text: string): Uint8Array {
  const secret = text.trim();
  if (/^wh[sp]k_/.test(secret)) {
    throw new Error(
      `the webhook secret is a key of an Ed25519 pair (whsk_, whpk_), and Hurricane signs with a shared secret (whsec_); ${newWebhookSecret}`,
    );
  }
  const encoded = secret.replace(/^whsec_/, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) {
    throw new Error(`the webhook secret is not base64; ${newWebhookSecret}`);
  }
  const key = Buffer.from(encoded, "base64");
  if (key.length < keyBytes.least || key.length > keyBytes.most) {
    throw new Error(
      `the webhook secret has ${key.length} bytes once decoded from base64, and must have ${keyBytes.least} to ${keyBytes.most}; ${newWebhookSecret}`,
    );
  }
  return key;
}

/** What a signature vouches for. */
export interface SignedContent {
  /** The `webhook-id` header. */
  id: string;
  /** The `webhook-timestamp` header, in seconds since 1970. */
  timestamp: number;
  /** The body, exactly as it is sent. */
  body: string;
}

/** The `webhook-signature` header: version 1, HMAC-SHA256 over `id.timestamp.body`. */
export function sign(content: SignedContent, key: Uint8Array): string {
  const { id, timestamp, body } = content;
  // Late: cryptography takes 7 ms of a start on Bun, and most services sign nothing.
  const { createHmac } = process.getBuiltinModule("node:crypto");
  const hmac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`);
  return `v1,${hmac.digest("base64")}`;
}
