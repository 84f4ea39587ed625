import { createHash } from "node:crypto";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { setCookie } from "hono/cookie";
import { HTTPException } from "hono/http-exception";
import { stream, streamSSE } from "hono/streaming";
import { step } from "./steps.js";

const app = new Hono();

app.get("/", (c) => c.json({ hello: "hono" }));

app.post("/echo", async (c) => c.json({ got: await c.req.json() }, 201));

app.get("/who", (c) => {
  const { incoming } = c.env as { incoming?: { socket: { remoteAddress: string } } };
  return c.json({ ip: incoming?.socket.remoteAddress, url: c.req.url });
});

app.get("/cookies", (c) => {
  setCookie(c, "one", "1", { httpOnly: true });
  setCookie(c, "two", "2");
  return c.redirect("/", 303);
});

app.post("/upload", async (c) => {
  const hash = createHash("sha256");
  let length = 0;
  for await (const chunk of c.req.raw.body!) {
    hash.update(chunk);
    length += chunk.length;
  }
  return c.text(`${length} ${hash.digest("hex")}`);
});

app.get("/large", (c) =>
  stream(c, async (out) => {
    for (let index = 0; index < 100; index++) await out.write(`${index % 10}`.repeat(20_000));
  }));

app.get("/stream", (c) =>
  streamSSE(c, async (out) => {
    await out.writeSSE({ data: "one" });
    await step("/stream#1");
    await out.writeSSE({ data: "two" });
    await step("/stream#2");
    await out.writeSSE({ data: "three" });
  }));

app.get("/slow", async (c) => {
  await step("/slow");
  return c.text("slow");
});

app.get("/throw", () => {
  throw new Error("thrown by a route");
});

app.get("/teapot", () => {
  throw new HTTPException(418, { message: "short and stout" });
});

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) });
