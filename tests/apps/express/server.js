import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import express from "express";
import { step } from "./steps.js";

const app = express();

app.get("/", (_request, response) => {
  response.json({ hello: "express" });
});

app.post("/echo", express.json(), (request, response) => {
  response.status(201).json({ got: request.body });
});

app.get("/who", (request, response) => {
  response.json({ ip: request.ip, protocol: request.protocol, host: request.hostname });
});

app.get("/cookies", (_request, response) => {
  response.cookie("one", "1", { httpOnly: true }).cookie("two", "2").redirect(303, "/");
});

app.post("/upload", async (request, response) => {
  const hash = createHash("sha256");
  let length = 0;
  for await (const chunk of request) {
    hash.update(chunk);
    length += chunk.length;
  }
  response.send(`${length} ${hash.digest("hex")}`);
});

app.get("/large", (_request, response) => {
  response.type("text");
  Readable.from(Array.from({ length: 100 }, (_, index) => `${index % 10}`.repeat(20_000)))
    .pipe(response);
});

app.get("/stream", async (_request, response) => {
  response.type("text/event-stream");
  response.write("data: one\n\n");
  await step("/stream#1");
  response.write("data: two\n\n");
  await step("/stream#2");
  response.end("data: three\n\n");
});

app.get("/slow", async (_request, response) => {
  await step("/slow");
  response.send("slow");
});

app.get("/throw", () => {
  throw new Error("thrown by a route");
});

app.get("/reject", async () => {
  await Promise.resolve();
  throw Object.assign(new Error("rejected by a route"), { status: 418 });
});

// Four parameters make it the one for errors.
app.use((error, _request, response, _next) => {
  response.status(error.status ?? 500).json({ error: error.message });
});

app.listen(process.env.PORT ?? 3000);
