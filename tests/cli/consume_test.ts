import { describe, test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { fileURLToPath } from "node:url";
import { consumeCommand } from "../../src/cli/commands/consume.ts";
import { tokenize } from "../../src/options/arguments.ts";
import { serveFlags } from "../../src/options/serve_table.ts";
import { UsageError } from "../../src/options/usage_error.ts";

const handler = fileURLToPath(import.meta.url);

async function refusal(...args: string[]): Promise<string> {
  const run = () => consumeCommand.run(tokenize([handler, ...args], serveFlags), {}, undefined, []);
  return (await assertRejects(run, UsageError)).message;
}

describe("consume", () => {
  const messages = ["--amqp-url=amqp://broker", "--amqp-queue=jobs"];

  test("needs a broker", async () => {
    assertEquals(await refusal(), "consume needs --amqp-url, the broker, and --amqp-queue");
  });

  test("lets nobody else reach the handler", async () => {
    assertEquals(
      await refusal(...messages, "--host=0.0.0.0"),
      'consume listens on 127.0.0.1 alone, and the host is "0.0.0.0": leave it away, or use serve',
    );
  });

  test("has its probes where a kubelet reaches them", async () => {
    assertEquals(
      await refusal(...messages, "--port=80", "--probe-port=80"),
      "consume listens on 127.0.0.1, where no kubelet could reach the probes: give them a " +
        "--probe-port of their own, not 80",
    );
  });
});
