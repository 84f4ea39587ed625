/** Declares the queue, and the one that gets what is rejected. It can be run twice. */
import amqplib from "amqplib";
import process from "node:process";

const connection = await amqplib.connect(process.env.BROKER ?? "amqp://127.0.0.1");
const channel = await connection.createChannel();
const rejected = { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "jobs.dead" };
await channel.assertQueue("jobs.dead", { arguments: { "x-queue-type": "quorum" } });
await channel.assertQueue("jobs", { arguments: { "x-queue-type": "quorum", ...rejected } });
await connection.close();
console.log("declared jobs and jobs.dead");
