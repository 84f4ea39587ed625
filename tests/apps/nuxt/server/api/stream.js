import { step } from "../../steps.js";

export default defineEventHandler(() => {
  const encoder = new TextEncoder();
  const parts = ["one", "two", "three"];
  let sent = 0;
  const body = new ReadableStream({
    async pull(controller) {
      if (sent > 0) await step(`/api/stream#${sent}`);
      controller.enqueue(encoder.encode(`data: ${parts[sent++]}\n\n`));
      if (sent === parts.length) controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
});
