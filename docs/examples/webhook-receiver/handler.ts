/** Takes webhooks of Hurricane, and nothing that is not: `webhook.key` is the secret of both. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { Webhook, WebhookVerificationError } from "standardwebhooks";

const file = process.env.WEBHOOK_KEY_FILE ?? "webhook.key";
const webhook = new Webhook(readFileSync(file, "utf8").trim());

/** In milliseconds. What is older is refused by its time: five minutes off the clock here, either way. */
const remembered = 15 * 60_000;
/** When which webhook was taken, by its id. With several pods, this belongs into a database. */
const taken = new Map<string, number>();

export default {
  async fetch(request: Request): Promise<Response> {
    const body = await request.text();
    let event: { type: string; status: string; error_trace?: string };
    try {
      // The signature, and that it was made within the last five minutes.
      event = webhook.verify(body, Object.fromEntries(request.headers)) as typeof event;
    } catch (error) {
      if (!(error instanceof WebhookVerificationError)) throw error;
      console.log(`refused: ${error.message}`);
      return new Response(`${error.message}\n`, { status: 401 });
    }
    const id = request.headers.get("webhook-id") ?? "";
    // Sent again, as its sender may not have heard the answer: it is told once more, and nothing is done.
    if (!isTaken(id)) {
      taken.set(id, Date.now());
      const { type, status, error_trace = "" } = event;
      console.log(type, status, error_trace);
    }
    return new Response(null, { status: 204 });
  },
};

function isTaken(id: string): boolean {
  for (const [old, at] of taken) if (at < Date.now() - remembered) taken.delete(old);
  return taken.has(id);
}
