/**
 * The adapters for chats as they stand in the guide.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { saying } from "../support/handlers.ts";
import { form, launch, serve } from "../support/hurricane.ts";
import { root } from "../support/instance.ts";
import { Receiver } from "../support/receiver.ts";

/** The example of the guide that begins with its name. */
function fromGuide(name: string): string {
  const guide = readFileSync(join(root, "docs/guide/webhooks.md"), "utf8");
  const [, source = ""] = new RegExp(`\`\`\`ts\\n// ${name}\\n([^]*?)\`\`\``).exec(guide) ?? [];
  return source;
}

/** The texts that a chat is to show. */
const texts: Record<string, (payload: Record<string, unknown>) => unknown> = {
  "slack.ts": ({ text }) => text,
  "teams.ts": (payload) => {
    assertEquals(payload["type"], "message");
    const [{ contentType, content }] = payload["attachments"] as [
      { contentType: string; content: { type: string; body: { type: string; text: string }[] } },
    ];
    assertEquals(contentType, "application/vnd.microsoft.card.adaptive");
    assertEquals(content.type, "AdaptiveCard");
    for (const { type } of content.body) assertEquals(type, "TextBlock");
    return content.body.map(({ text }) => text).join("\n");
  },
};

const env = { SERVICE_NAME: "web", POD_NAMESPACE: "shop", POD_NAME: "web-1" };

describe(`webhooks for chats (${form})`, () => {
  for (const [name, textOf] of Object.entries(texts)) {
    test(`${name} of the guide tells who is in which state, and why`, async () => {
      const source = fromGuide(name);
      assertLess(source.split("\n").length, 20);
      // The chat is away at first: what it has not taken is sent again.
      await using chat = await Receiver.open(503);
      await using adapter = await serve(source, { env: { CHAT_URL: chat.url() } });
      const args = ["--webhook-url", adapter.url(), "--app-version=1.4.2"];
      await using working = await serve(saying("hello"), { args, env });
      await chat.attempts.first(2);
      await using broken = launch(`throw new Error("no database");`, { args, env });
      assertEquals((await broken.exited).code, 1);
      await working.stop();
      await chat.attempts.first(3);
      const shown = chat.attempts.items.filter(({ reaction }) => reaction === 204)
        .map(({ payload }) => String(textOf(payload)));
      assertEquals(shown.length, 2);
      assertMatch(shown[0] ?? "", /shop\/web\/web-1: startup succeeded/);
      assertMatch(shown[1] ?? "", /shop\/web\/web-1: startup failed\n(.*\n)*.*no database/);
    });
  }

  test("say which version of the application they are about", async () => {
    await using receiver = await Receiver.open();
    await using hurricane = await serve(saying("hello"), {
      args: ["--webhook-url", receiver.url(), "--app-version=1.4.2"],
      env,
    });
    const { payload } = await receiver.delivery("startup", "succeeded");
    const { app_version, service, namespace, pod } = payload;
    assertEquals([app_version, service, namespace, pod], ["1.4.2", "web", "shop", "web-1"]);
    const { text } = await hurricane.probe("/metrics");
    assertMatch(text, /^hurricane_info\{.*app_version="1\.4\.2".*\} 1$/m);
  });
});
