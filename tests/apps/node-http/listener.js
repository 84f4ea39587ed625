import { createHash } from "node:crypto";
import { step } from "./steps.js";

/** What both servers answer. */
export async function listener(request, response) {
  const { pathname } = new URL(request.url, "http://localhost");
  switch (`${request.method} ${pathname}`) {
    case "GET /":
    case "HEAD /":
      response.setHeader("Content-Type", "application/json");
      response.setHeader("X-Mixed-Case", "Kept");
      return response.end(JSON.stringify({ hello: "node" }));
    case "POST /echo": {
      let text = "";
      for await (const chunk of request.setEncoding("utf8")) text += chunk;
      response.writeHead(201, "Made", { "content-type": "application/json" });
      return response.end(JSON.stringify({ got: JSON.parse(text) }));
    }
    case "GET /who":
      response.writeHead(200, ["x-one", "1", "x-two", "2", "x-one", "3"]);
      return response.end(JSON.stringify([
        request.socket.remoteAddress,
        request.headers,
        request.rawHeaders,
        request.httpVersion,
        request.socket.encrypted === true,
      ]));
    case "GET /cookies":
      response.setHeader("Set-Cookie", ["one=1", "two=2"]);
      response.statusCode = 303;
      response.setHeader("Location", "/");
      return response.end();
    case "POST /upload": {
      const hash = createHash("sha256");
      let length = 0;
      for await (const chunk of request) {
        hash.update(chunk);
        length += chunk.length;
      }
      return response.end(`${length} ${hash.digest("hex")}`);
    }
    case "POST /unread":
      response.statusCode = 413;
      return response.end("too large");
    case "GET /large":
      for (let index = 0; index < 100; index++) {
        if (!response.write(`${index % 10}`.repeat(20_000))) {
          await new Promise((resolve) => response.once("drain", resolve));
        }
      }
      return response.end();
    case "GET /stream":
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.flushHeaders();
      response.write("data: one\n\n");
      await step("/stream#1");
      response.write("data: two\n\n");
      await step("/stream#2");
      return response.end("data: three\n\n");
    case "GET /trailers":
      response.writeHead(200, { Trailer: "x-sum" });
      response.write("body");
      response.addTrailers({ "x-sum": "42" });
      return response.end();
    case "GET /empty":
      response.statusCode = 204;
      return response.end();
    case "GET /close":
      response.setHeader("Connection", "close");
      return response.end("the last answer");
    case "GET /unmodified":
      response.writeHead(304, { ETag: '"1"' });
      return response.end();
    case "GET /slow":
      await step("/slow");
      return response.end("slow");
    case "GET /throw":
      response.statusCode = 500;
      return response.end("it went wrong");
    default:
      response.statusCode = 404;
      return response.end(`no ${request.method} ${request.url}`);
  }
}
