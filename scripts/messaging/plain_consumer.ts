/**
 * What a team would write by itself: a consumer with the same library, which calls the handler in its own
 * process. Its words: URL, queue, prefetch.
 *
 * @module
 */
import amqplib from "amqplib";
import process from "node:process";
import handler from "./counting_handler.ts";

const [url = "", queue = "", prefetch = ""] = process.argv.slice(2);
const connection = await amqplib.connect(url);
const channel = await connection.createChannel();
await channel.prefetch(Number(prefetch));
console.log("ready");
await channel.consume(queue, async (message) => {
  if (message === null) return;
  const body = new Uint8Array(message.content);
  const response = await handler.fetch(new Request("http://localhost/", { method: "POST", body }));
  await response.arrayBuffer();
  channel.ack(message);
});
