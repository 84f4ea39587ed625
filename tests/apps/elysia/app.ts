import { createHash } from "node:crypto";
import { Elysia, t } from "elysia";
import { step } from "./steps.js";

async function* parts(path: string) {
  yield "data: one\n\n";
  await step(`${path}#1`);
  yield "data: two\n\n";
  await step(`${path}#2`);
  yield "data: three\n\n";
}

export const app = new Elysia()
  .get("/", () => ({ hello: "elysia" }))
  .post("/echo", ({ body, status }) => status(201, { got: body }), {
    body: t.Object({ name: t.String() }),
  })
  .get("/who", ({ request, server }) => ({
    ip: server?.requestIP(request)?.address,
    url: request.url,
  }))
  .get("/cookies", ({ cookie: { one, two }, set }) => {
    one!.set({ value: "1", httpOnly: true });
    two!.value = "2";
    // `redirect("/", 303)` is 500 on Deno, whose `Response.redirect` takes no relative URL.
    set.status = 303;
    set.headers.location = "/";
    return "";
  })
  .post("/upload", async ({ request }) => {
    const hash = createHash("sha256");
    let length = 0;
    for await (const chunk of request.body!) {
      hash.update(chunk);
      length += chunk.length;
    }
    return `${length} ${hash.digest("hex")}`;
  }, { parse: "none" })
  .get("/large", () => {
    let index = 0;
    return new ReadableStream({
      pull(controller) {
        if (index === 100) return controller.close();
        controller.enqueue(new TextEncoder().encode(`${index++ % 10}`.repeat(20_000)));
      },
    });
  })
  .get("/stream", () =>
    new Response(
      ReadableStream.from(parts("/stream")).pipeThrough(new TextEncoderStream()),
      { headers: { "Content-Type": "text/event-stream" } },
    ))
  // On Deno this one breaks off: Elysia gives it a stream of strings.
  .get("/generator", () => parts("/generator"))
  .get("/slow", async () => {
    await step("/slow");
    return "slow";
  })
  .get("/throw", () => {
    throw new Error("thrown by a route");
  });
