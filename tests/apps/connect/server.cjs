const { createHash } = require("node:crypto");
const http = require("node:http");
const connect = require("connect");

const app = connect();
// An ES module, which CommonJS of all supported runtimes can only import.
const steps = import("./steps.js");

app.use("/echo", (request, response, next) => {
  if (request.method !== "POST") return next();
  let text = "";
  request.setEncoding("utf8").on("data", (chunk) => text += chunk).on("end", () => {
    response.writeHead(201, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ got: JSON.parse(text) }));
  });
});

app.use("/who", (request, response) => {
  response.end(`${request.socket.remoteAddress} ${request.headers.host} ${request.originalUrl}`);
});

app.use("/cookies", (_request, response) => {
  response.setHeader("Set-Cookie", ["one=1", "two=2"]);
  response.writeHead(303, "See it there", { Location: "/" });
  response.end();
});

app.use("/upload", (request, response) => {
  const hash = createHash("sha256");
  let length = 0;
  request.on("data", (chunk) => {
    hash.update(chunk);
    length += chunk.length;
  });
  request.on("end", () => response.end(`${length} ${hash.digest("hex")}`));
});

app.use("/large", (_request, response) => {
  let index = 0;
  const write = () => {
    while (index < 100) {
      if (!response.write(`${index++ % 10}`.repeat(20_000))) return response.once("drain", write);
    }
    response.end();
  };
  write();
});

app.use("/stream", async (_request, response) => {
  const { step } = await steps;
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write("data: one\n\n");
  await step("/stream#1");
  response.write("data: two\n\n");
  await step("/stream#2");
  response.end("data: three\n\n");
});

app.use("/slow", async (_request, response) => {
  const { step } = await steps;
  await step("/slow");
  response.end("slow");
});

app.use("/throw", () => {
  throw new Error("thrown by a middleware");
});

app.use("/", (request, response, next) => {
  if (request.url !== "/") return next();
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify({ hello: "connect" }));
});

app.use((error, _request, response, _next) => {
  response.statusCode = 500;
  response.end(error.message);
});

http.createServer(app).listen(process.env.PORT ?? 3000);
