/**
 * Limits and the queue, on a server of `node:http` that is adopted.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { Connection } from "../support/http.ts";
import { form, type Hurricane, serve } from "../support/hurricane.ts";
import { obligingNode } from "../support/node_handlers.ts";
import { counted, logged } from "../support/said.ts";
import { type Upload, upload } from "../support/upload.ts";
import { eventually } from "../support/wait.ts";

function release({ dir }: Hurricane): void {
  writeFileSync(join(dir, "release"), "");
}

/** Sends these bytes on a connection of its own. */
function send(hurricane: Hurricane, text: string): Socket {
  const { hostname, port } = new URL(hurricane.url());
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  socket.setEncoding("latin1").write(text);
  return socket;
}

/** All that comes until the other side closes. */
function received(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (part: string) => text += part);
  return new Promise((resolve) => socket.on("close", () => resolve(text)));
}

/** Nothing is in flight any more. */
function idle(hurricane: Hurricane): Promise<unknown> {
  return eventually("nothing in flight", async () => {
    const { text } = await hurricane.probe("/metrics");
    return /^http_server_active_requests 0$/m.test(text);
  });
}

/** Nothing but Hurricane has written to its log: no runtime's trace, no crash. */
function assertQuiet({ log, stderr }: Hurricane): void {
  assertEquals(stderr.items.length, log.items.length, stderr.items.join("\n"));
  assertEquals(log.items.filter(({ level }) => level === "error"), []);
}

describe(`the queue of an adopted server of node:http (${form})`, () => {
  test("makes it unready, until its requests are answered", async () => {
    await using hurricane = await serve(obligingNode, { args: ["--req-queue-len=2"] });
    const answers = [1, 2, 3].map(() => hurricane.get("/held"));
    await hurricane.stdout.until("all three", (_, index) => index === 2);
    await hurricane.probeUntil("/ready", 400);
    release(hurricane);
    for (const answer of answers) assertEquals((await answer).text, "held");
    await hurricane.probeUntil("/ready", 200);
  });

  test("refuses what is more than --max-inflight", async () => {
    await using hurricane = await serve(obligingNode, { args: ["--max-inflight=1"] });
    const answer = hurricane.get("/held");
    await hurricane.printed("holding");
    using client = await Connection.open(hurricane.url());
    for (let times = 0; times < 2; times++) {
      const { status, headers, text } = await client.get("/");
      assertEquals([status, headers["retry-after"], text], [503, "1", "Service Unavailable\n"]);
    }
    release(hurricane);
    assertEquals((await answer).text, "held");
    assertEquals((await client.get("/")).text, "hello");
    assertEquals(await counted(hurricane), { "200": 2, "503": 2 });
    assertMatch((await hurricane.probe("/metrics")).text, /_shed_total\{reason="inflight"\} 2$/m);
  });

  test("does not count a client that has left, which is 499 before the head", async () => {
    await using hurricane = await serve(obligingNode, {
      args: ["--access-log", "--req-queue-len=1"],
    });
    const leaving: [request: string, printed: string, status: number][] = [
      ["GET /never HTTP/1.1\r\nHost: test\r\n\r\n", "never", 499],
      ["GET /held HTTP/1.1\r\nHost: test\r\n\r\n", "holding", 499],
      ["POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\nx", "reading", 499],
      [
        "POST /upload HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nx",
        "reading",
        499,
      ],
      ["GET /sse HTTP/1.1\r\nHost: test\r\n\r\n", "streaming", 200],
    ];
    for (const [index, [request, line]] of leaving.entries()) {
      const socket = send(hurricane, request);
      await hurricane.stdout.until(`${line} as ${index}`, (_, at) => at === index);
      socket.destroy();
      await eventually(
        "it to be counted",
        async () =>
          Object.values(await counted(hurricane)).reduce((sum, one) => sum + one, 0) > index,
      );
    }
    for (const path of ["/never", "/held", "/upload"]) {
      assertEquals([path, await logged(hurricane, path)], [path, 499]);
    }
    assertEquals(await counted(hurricane), { "200": 1, "499": 4 });
    await idle(hurricane);
    await hurricane.probeUntil("/ready", 200);
    assertQuiet(hurricane);
  });

  test("waits at the stop for what a client that has left had asked for", async () => {
    await using hurricane = await serve(obligingNode, { args: ["--shutdown-timeout=1h"] });
    const socket = send(hurricane, "GET /held HTTP/1.1\r\nHost: test\r\n\r\n");
    await hurricane.printed("holding");
    socket.destroy();
    await eventually("it counted", async () => (await counted(hurricane))["499"] === 1);
    hurricane.signal("SIGTERM");
    await hurricane.probeUntil("/ready", 400);
    assertEquals(hurricane.stdout.items.includes("answering"), false);
    release(hurricane);
    assertEquals(await hurricane.exited, { code: 0, signal: null });
    assertEquals(hurricane.stdout.items.at(-1), "answering");
  });

  test("waits at the stop for none that can no longer be answered", async () => {
    await using hurricane = await serve(obligingNode, { args: ["--shutdown-timeout=1h"] });
    const socket = send(hurricane, "GET /never HTTP/1.1\r\nHost: test\r\n\r\n");
    await hurricane.printed("never");
    socket.destroy();
    await eventually("it counted", async () => (await counted(hurricane))["499"] === 1);
    assertEquals(await hurricane.stop(), 0);
  });
});

/** Answers late, in each of the ways in which one can. */
const late = `
import { createServer } from "node:http";
import { Readable } from "node:stream";
const ways = {
  end: (_req, res) => res.end("late"),
  write: (_req, res) => { res.write("late"); res.write("r", () => res.end()); },
  head: (_req, res) => res.writeHead(200, { "x-late": "1" }).end("late"),
  headers: (_req, res) => {
    res.statusCode = 201;
    res.setHeader("x-late", "1").setHeaders(new Map([["x-later", "1"]]));
    res.appendHeader("x-late", "2");
    res.removeHeader("x-late");
    res.flushHeaders();
    res.end("late");
  },
  informs: (_req, res) => {
    res.writeContinue();
    res.writeProcessing();
    res.writeEarlyHints({ link: "</style.css>; rel=preload" });
    res.addTrailers({ "x-late": "1" });
    res.end("late");
  },
  pipe: (_req, res) => Readable.from(["late", "r"]).pipe(res),
  upload: (req, res) => req.pipe(res),
};
createServer(async (req, res) => {
  const way = req.url.slice(1);
  if (way === "") return res.end("hello");
  console.log("holding");
  await new Promise((resolve) => setTimeout(resolve, 600));
  res.on("error", (error) => console.log("error " + error.message));
  ways[way](req, res);
  console.log("late " + way);
}).listen(process.env.PORT);
`;

describe(`--request-timeout of an adopted server of node:http (${form})`, () => {
  test("answers 504, and an answer that comes later does no harm", async () => {
    await using hurricane = await serve(late, {
      name: "handler.js",
      args: ["--request-timeout=200ms", "--access-log", "--max-inflight=1"],
    });
    using client = await Connection.open(hurricane.url());
    for (const way of ["end", "write", "head", "headers", "informs", "pipe", "upload"]) {
      const path = `/${way}`;
      if (way === "upload") client.post(path, 100_000);
      else client.send(path);
      const { status, headers, text } = await client.answer();
      assertEquals([way, status, text], [way, 504, "Gateway Timeout\n"]);
      assertEquals(headers["x-late"], undefined);
      assertEquals((await client.get("/")).text, "hello");
      await hurricane.printed(`late ${way}`);
      // What it still writes is no answer to the next request.
      const next = await client.get("/");
      assertEquals([next.status, next.text], [200, "hello"]);
      assertEquals(await logged(hurricane, path), 504);
    }
    await hurricane.logged(/^GET \/end has no answer after 200ms \(--request-timeout\): 504$/);
    assertEquals(await counted(hurricane), { "200": 14, "504": 7 });
    assertQuiet(hurricane);
    assertEquals(await hurricane.stop(), 0);
  });

  test("answers 504 where the upload does not come to its end", async () => {
    await using hurricane = await serve(obligingNode, { args: ["--request-timeout=200ms"] });
    for (const path of ["/upload", "/never", "/iterated", "/told"]) {
      const socket = send(
        hurricane,
        `POST ${path} HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\nx`,
      );
      const answer = await new Promise((resolve) => socket.once("data", resolve));
      assertMatch(String(answer), /^HTTP\/1.1 504 /);
      socket.destroy();
    }
    await eventually("all counted", async () => (await counted(hurricane))["504"] === 4);
    await idle(hurricane);
    assertQuiet(hurricane);
    assertEquals(await hurricane.stop(), 0);
  });

  test("is over with the head: a stream may take longer", async () => {
    await using hurricane = await serve(obligingNode, { args: ["--request-timeout=200ms"] });
    const stream = await fetch(hurricane.url("/stream"));
    assertEquals((await hurricane.get("/never")).status, 504);
    assertEquals((await hurricane.get("/never")).status, 504);
    release(hurricane);
    assertEquals(await stream.text(), "first last");
  });
});

const times = 4;

async function all(hurricane: Hurricane, path: string, options: Upload, line: string) {
  const uploads = Array.from({ length: times }, () => upload(hurricane.url(), path, options));
  const description = `${path} ${JSON.stringify(options)}`;
  const got = (await Promise.all(uploads)).map((got) => `${got} ${description}`);
  assertEquals(got, Array.from({ length: times }, () => `${line} ${description}`));
}

describe(`--max-body-size of an adopted server of node:http (${form})`, () => {
  test("is told of to its client and to the application, whatever that does", async () => {
    await using hurricane = await serve(obligingNode, {
      args: ["--max-body-size=1mb", "--access-log"],
    });
    for (const slowly of [false, true]) {
      for (const path of ["/upload", "/told", "/iterated", "/piped"]) {
        for (const chunked of [false, true]) {
          for (const headers of [{} as Record<string, string>, { Connection: "close" }]) {
            // The echo of what was allowed has begun.
            if (path === "/piped" && chunked) continue;
            await all(
              hurricane,
              path,
              { slowly, chunked, headers },
              "HTTP/1.1 413 Payload Too Large",
            );
          }
        }
      }
    }
    await hurricane.printed("told BodyTooLarge");
    await hurricane.printed("thrown BodyTooLarge");
    await hurricane.logged(/^POST \/upload: .*1048576 bytes.*--max-body-size/);
    await idle(hurricane);
    assertQuiet(hurricane);
    assertEquals(await hurricane.stop(), 0);
  });

  test("cuts off an answer that has begun", async () => {
    await using hurricane = await serve(obligingNode, { args: ["--max-body-size=1kb"] });
    const chunk = `400\r\n${"x".repeat(1024)}\r\n`;
    const socket = send(
      hurricane,
      `POST /piped HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`,
    );
    const all = received(socket);
    await new Promise((resolve) => socket.once("data", resolve));
    socket.write(chunk);
    const text = await all;
    assertMatch(text, /^HTTP\/1.1 200 /);
    // It does not look whole.
    assertEquals(text.endsWith("0\r\n\r\n"), false);
    await idle(hurricane);
    assertQuiet(hurricane);
    assertEquals((await hurricane.get("/")).text, "hello");
  });

  test("leaves the connection to the next request", async () => {
    await using hurricane = await serve(obligingNode, { args: ["--max-body-size=10"] });
    using client = await Connection.open(hurricane.url());
    for (const path of ["/upload", "/unread", "/iterated"]) {
      client.post(path, 11);
      assertEquals((await client.answer()).status, 413);
      client.post(path, 10);
      assertEquals((await client.answer()).text, path === "/unread" ? "early" : "10");
    }
    const socket = send(
      hurricane,
      "POST /iterated HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n" +
        "b\r\n0123456789a\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n",
    );
    assertMatch(await received(socket), /^HTTP\/1.1 413 [^]*HTTP\/1.1 200 [^]*hello$/);
    assertEquals(await counted(hurricane), { "200": 4, "413": 4 });
  });
});

describe(`answers of an adopted server of node:http to unread uploads (${form})`, () => {
  test("arrive, also where the connection is closed after them", async () => {
    await using hurricane = await serve(obligingNode);
    for (const slowly of [false, true]) {
      await all(hurricane, "/unread", { slowly }, "HTTP/1.1 200 OK");
      const close = { headers: { Connection: "close" }, slowly };
      await all(hurricane, "/unread", close, "HTTP/1.1 200 OK");
      await all(hurricane, "/unread", { chunked: true, ...close }, "HTTP/1.1 200 OK");
      await all(hurricane, "/unread", { version: "1.0", slowly }, "HTTP/1.1 200 OK");
    }
    await idle(hurricane);
    assertQuiet(hurricane);
  });

  test("arrive while draining", async () => {
    await using hurricane = await serve(obligingNode, { args: ["--shutdown-delay=30s"] });
    hurricane.signal("SIGTERM");
    await hurricane.probeUntil("/ready", 400);
    for (const slowly of [false, true]) {
      await all(hurricane, "/unread", { slowly }, "HTTP/1.1 200 OK");
      await all(hurricane, "/unread", { slowly, chunked: true }, "HTTP/1.1 200 OK");
    }
  });

  test("arrive while the server closes", async () => {
    await using hurricane = await serve(obligingNode);
    const answer = hurricane.get("/held");
    await hurricane.printed("holding");
    const uploads = Array.from(
      { length: times },
      () => upload(hurricane.url(), "/upload", { slowly: true }),
    );
    await hurricane.stdout.until("all uploads", (_, index) => index === times);
    hurricane.signal("SIGTERM");
    await hurricane.probeUntil("/ready", 400);
    for (const got of uploads) assertEquals(await got, "HTTP/1.1 200 OK");
    release(hurricane);
    assertEquals((await answer).text, "held");
    assertEquals((await hurricane.exited).code, 0);
  });

  test("arrive where they refuse", async () => {
    await using hurricane = await serve(obligingNode, { args: ["--max-inflight=1"] });
    void hurricane.get("/never");
    await hurricane.printed("never");
    for (const slowly of [false, true]) {
      for (const headers of [{} as Record<string, string>, { Connection: "close" }]) {
        await all(hurricane, "/", { headers, slowly }, "HTTP/1.1 503 Service Unavailable");
      }
    }
  });
});
