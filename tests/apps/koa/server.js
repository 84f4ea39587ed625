import { createHash } from "node:crypto";
import { PassThrough, Readable } from "node:stream";
import Router from "@koa/router";
import Koa from "koa";
import { step } from "./steps.js";

const app = new Koa();
const router = new Router();

// Errors go to standard error otherwise.
app.silent = true;

router.get("/", (ctx) => {
  ctx.body = { hello: "koa" };
});

router.post("/echo", async (ctx) => {
  let text = "";
  for await (const chunk of ctx.req.setEncoding("utf8")) text += chunk;
  ctx.status = 201;
  ctx.body = { got: JSON.parse(text) };
});

router.get("/who", (ctx) => {
  ctx.body = { ip: ctx.ip, host: ctx.host, protocol: ctx.protocol };
});

router.get("/cookies", (ctx) => {
  ctx.cookies.set("one", "1");
  ctx.cookies.set("two", ctx.cookies.get("a"), { httpOnly: false });
  ctx.redirect("/");
  ctx.status = 303;
});

router.post("/upload", async (ctx) => {
  const hash = createHash("sha256");
  let length = 0;
  for await (const chunk of ctx.req) {
    hash.update(chunk);
    length += chunk.length;
  }
  ctx.body = `${length} ${hash.digest("hex")}`;
});

router.get("/large", (ctx) => {
  ctx.type = "text";
  ctx.body = Readable.from(
    Array.from({ length: 100 }, (_, index) => `${index % 10}`.repeat(20_000)),
    { objectMode: false },
  );
});

router.get("/stream", (ctx) => {
  const stream = new PassThrough();
  ctx.type = "text/event-stream";
  ctx.body = stream;
  (async () => {
    stream.write("data: one\n\n");
    await step("/stream#1");
    stream.write("data: two\n\n");
    await step("/stream#2");
    stream.end("data: three\n\n");
  })();
});

router.get("/slow", async (ctx) => {
  await step("/slow");
  ctx.body = "slow";
});

router.get("/throw", () => {
  throw new Error("thrown by a route");
});

router.get("/teapot", (ctx) => ctx.throw(418, "short and stout"));

app.use(router.routes()).use(router.allowedMethods());

app.listen(process.env.PORT ?? 3000);
