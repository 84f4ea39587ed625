/**
 * A process that sends a webhook, flushes, and has nothing else to do: it must then end by itself.
 *
 * Arguments: URL, flush timeout in milliseconds. Prints how many deliveries were abandoned.
 *
 * @module
 */
import process from "node:process";
import { Webhooks } from "../../src/webhooks/webhooks.ts";

const [url = "", timeout] = process.argv.slice(2);
const webhooks = new Webhooks({ webhookUrl: [url], webhookTimeout: 600_000, webhookRetries: 5 });
webhooks.send({ status: "succeeded", type: "startup" });
process.stdout.write(`${await webhooks.flush(Number(timeout))}\n`);
