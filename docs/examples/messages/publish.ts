/** A connection to publish: what is taken from the queue comes as requests. */
import amqplib from "amqplib";
import process from "node:process";

let opened: ReturnType<typeof open> | undefined;

/** Puts a message into a queue, and waits until the broker has it. Throws where the broker is away. */
export async function publish(queue: string, json: string): Promise<void> {
  const { channel } = await (opened ??= open());
  channel.sendToQueue(queue, Buffer.from(json), {
    contentType: "application/json",
    messageId: crypto.randomUUID(),
    persistent: true,
  });
  await channel.waitForConfirms();
}

export async function close(): Promise<void> {
  await (await opened)?.connection.close();
}

async function open() {
  try {
    const connection = await amqplib.connect(process.env.BROKER ?? "amqp://127.0.0.1");
    connection.on("error", (error) => console.error(`the broker: ${error.message}`));
    connection.on("close", forget);
    return { connection, channel: await connection.createConfirmChannel() };
  } catch (error) {
    forget();
    throw error;
  }
}

/** The next message opens another one. */
function forget(): void {
  opened = undefined;
}
