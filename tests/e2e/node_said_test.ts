/**
 * What is said of the requests of a server of `node:http` that is adopted, and what its clients get.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { execFileSync } from "node:child_process";
import { connect } from "node:net";
import process from "node:process";
import { Connection } from "../support/http.ts";
import { form, type Hurricane, serve } from "../support/hurricane.ts";
import { obligingNode } from "../support/node_handlers.ts";
import { counted } from "../support/said.ts";
import { scraped } from "../support/scrapes.ts";
import { eventually, pause } from "../support/wait.ts";

/** Sends these bytes, and resolves with all that comes until the other side closes. */
function exchange(hurricane: Hurricane, bytes: string): Promise<string> {
  const { hostname, port } = new URL(hurricane.url());
  const socket = connect(Number(port), hostname);
  let text = "";
  socket.setEncoding("latin1").on("data", (part: string) => text += part);
  socket.on("error", () => {});
  socket.write(bytes);
  return new Promise((resolve) => socket.on("close", () => resolve(text)));
}

const close = "Host: test\r\nConnection: close\r\n";

describe(`what is said of a request to a server of node:http (${form})`, () => {
  test("is what its client was sent", async () => {
    await using hurricane = await serve(obligingNode, { args: ["--access-log"] });
    const requests: [method: string, path: string, status: number, length?: string][] = [
      ["GET", "/", 200, "5"],
      ["HEAD", "/", 200],
      ["GET", "/length", 200, "3"],
      ["GET", "/written", 201, "3"],
      ["GET", "/204", 204],
      ["GET", "/304", 304],
      ["GET", "/none?of=them", 404, "9"],
      ["POST", "/upload", 200, "1"],
      ["OPTIONS", "/upload", 200, "1"],
    ];
    for (const [method, path, status, length] of requests) {
      const { status: got, headers } = await hurricane.get(path, { method });
      assertEquals([method, path, got], [method, path, status]);
      if (length !== undefined) assertEquals([path, headers["content-length"]], [path, length]);
    }
    const lines = await eventually("all lines", () => {
      const access = hurricane.log.items.filter(({ part }) => part === "access");
      return access.length === requests.length && access;
    });
    const said = lines.map((
      line,
    ) => [line["method"], line["path"], line["status"], line["client"]]);
    assertEquals(
      said,
      requests.map(([method, path, status]) => [method, path, status, "127.0.0.1"]),
    );
    assertEquals(await counted(hurricane), { "200": 5, "201": 1, "204": 1, "304": 1, "404": 1 });
    const scrape = () => hurricane.probe("/metrics");
    const posts = { http_request_method: "POST", http_response_status_code: "200" };
    assertEquals(await scraped(scrape, "http_server_request_duration_seconds_count", posts), 1);
  });

  test("counts the sizes of answers, whoever has set their length", async () => {
    await using hurricane = await serve(obligingNode);
    for (const path of ["/", "/length", "/written"]) await hurricane.get(path);
    const scrape = () => hurricane.probe("/metrics");
    const name = "http_server_response_body_size_bytes";
    await eventually("all sizes", async () => await scraped(scrape, `${name}_count`) === 3);
    assertEquals(await scraped(scrape, `${name}_sum`), 11);
  });

  test("is a plain 500 where its listener throws, and the process lives", async () => {
    await using hurricane = await serve(obligingNode, { args: ["--access-log"] });
    const { text: pid } = await hurricane.get("/pid");
    const { status, text } = await hurricane.get("/throw");
    assertEquals([status, text], [500, "Internal Server Error\n"]);
    const { level, stack } = await hurricane.logged(
      /^GET \/throw failed: Error: secret of the handler$/,
    );
    assertEquals(level, "error");
    assertMatch(String(stack), /handler\.ts/);
    // One that has begun is cut off.
    const cut = await exchange(hurricane, `GET /throw-late HTTP/1.1\r\nHost: test\r\n\r\n`);
    assertEquals(cut.endsWith("0\r\n\r\n"), false);
    await hurricane.logged(/^GET \/throw-late failed: Error: secret of the stream$/);
    assertEquals((await hurricane.get("/pid")).text, pid);
    assertEquals(hurricane.stderr.items.length, hurricane.log.items.length);
  });

  test("is a crash where nobody handles a rejection, and another process serves", async () => {
    const handler = obligingNode.replace(
      `"/throw":`,
      `"/reject": async () => {
        await Promise.resolve();
        throw new TypeError("secret of the promise");
      },
      "/throw":`,
    );
    await using hurricane = await serve(handler);
    const { text: pid } = await hurricane.get("/pid");
    await hurricane.get("/reject").catch(() => {});
    await hurricane.logged(/secret of the promise/);
    await hurricane.logged(/^the handler is up again$/);
    assert((await hurricane.get("/pid")).text !== pid);
  });

  test("holds for requests that are sent at once: in order, and counted", async () => {
    await using hurricane = await serve(obligingNode);
    const path = (path: string) => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`;
    const text = await exchange(
      hurricane,
      path("/length") + path("/") + path("/written") + `GET / HTTP/1.1\r\n${close}\r\n`,
    );
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status);
    assertEquals(statuses, ["200", "200", "201", "200"]);
    assertMatch(text, /abc[^]*hello[^]*abc[^]*hello$/);
    assertEquals(await counted(hurricane), { "200": 3, "201": 1 });
    // So many on one connection leave nothing behind there, of which the runtime would warn.
    await exchange(hurricane, path("/").repeat(30) + `GET / HTTP/1.1\r\n${close}\r\n`);
    assertEquals(hurricane.stderr.items.length, hurricane.log.items.length);
    // Those that wait for the first are given up with it.
    const { hostname, port } = new URL(hurricane.url());
    const socket = connect(Number(port), hostname);
    socket.write(path("/never") + path("/") + path("/never"));
    await hurricane.printed("never");
    const both = await hurricane.stdout.first(2);
    assertEquals(both, ["never", "never"]);
    socket.destroy();
    await eventually(
      "nothing in flight",
      async () => /^http_server_active_requests 0$/m.test((await hurricane.probe("/metrics")).text),
    );
    assertEquals(await hurricane.stop(), 0);
  });

  test("holds for HTTP/1.0", async () => {
    await using hurricane = await serve(obligingNode);
    const text = await exchange(hurricane, "GET / HTTP/1.0\r\n\r\n");
    assertMatch(text, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nhello$/);
    assertEquals(await counted(hurricane), { "200": 1 });
  });
});

const rare = `
import { createServer } from "node:http";
const server = createServer((req, res) => {
  if (req.url === "/hints") {
    res.writeEarlyHints({ link: "</style.css>; rel=preload" });
    return res.end("hinted");
  }
  if (req.url === "/trailers") {
    res.writeHead(200, { trailer: "x-sum" });
    res.write("body");
    res.addTrailers({ "x-sum": "1" });
    return res.end();
  }
  if (req.url === "/sent-trailers") {
    return req.resume().on("end", () => res.end(JSON.stringify(req.trailers)));
  }
  if (req.url === "/timeouts") {
    const { keepAliveTimeout, requestTimeout, headersTimeout, timeout } = server;
    return res.end(JSON.stringify({ keepAliveTimeout, requestTimeout, headersTimeout, timeout }));
  }
  res.end("hello");
});
server.on("checkContinue", (req, res) => {
  if (req.url === "/no") return res.writeHead(417).end();
  res.writeContinue();
  req.resume().on("end", () => res.end("continued"));
});
server.on("checkExpectation", (_req, res) => res.writeHead(417).end("expected"));
server.on("clientError", (error, socket) => {
  socket.end("HTTP/1.1 400 Bad Request\\r\\nx-by: handler\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n");
});
server.on("connect", (req, socket) => {
  socket.end("HTTP/1.1 200 Connection Established\\r\\n\\r\\n" + req.url);
});
server.listen(process.env.PORT, () => console.log("listens " + server.address().port));
`;

describe(`a server of node:http keeps (${form})`, () => {
  const options = { name: "handler.js" };

  test("its interim responses, trailers and expectations", async () => {
    await using hurricane = await serve(rare, options);
    const hints = await exchange(hurricane, `GET /hints HTTP/1.1\r\n${close}\r\n`);
    assertMatch(hints, /^HTTP\/1\.1 103 [^]*link: <\/style.css>[^]*HTTP\/1\.1 200 [^]*hinted$/i);
    const trailers = await exchange(hurricane, `GET /trailers HTTP/1.1\r\n${close}\r\n`);
    assertMatch(trailers, /body\r\n0\r\nx-sum: 1\r\n\r\n$/i);
    const chunked = "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Sum: 2\r\n\r\n";
    const sent = await exchange(hurricane, `POST /sent-trailers HTTP/1.1\r\n${close}${chunked}`);
    assertMatch(sent, /\{"x-sum":"2"\}$/);
    const expecting = `${close}Expect: 100-continue\r\nContent-Length: 1\r\n\r\n`;
    const continued = await exchange(hurricane, `POST / HTTP/1.1\r\n${expecting}x`);
    assertMatch(continued, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 [^]*continued$/);
    const refused = await exchange(hurricane, `POST /no HTTP/1.1\r\n${expecting}`);
    assertMatch(refused, /^HTTP\/1\.1 417 /);
    const other = await exchange(hurricane, `GET / HTTP/1.1\r\n${close}Expect: else\r\n\r\n`);
    assertMatch(other, /^HTTP\/1\.1 417 [^]*expected\r\n0\r\n\r\n$/);
    assertEquals(await counted(hurricane), { "200": 4, "417": 2 });
  });

  test("its listeners for broken requests and CONNECT", async () => {
    await using hurricane = await serve(rare, { ...options, args: ["--access-log"] });
    assertMatch(await exchange(hurricane, "NO HTTP\r\n\r\n"), /^HTTP\/1\.1 400 [^]*x-by: handler/);
    const tunnel = await exchange(
      hurricane,
      "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n",
    );
    assertMatch(tunnel, /^HTTP\/1\.1 200 Connection Established\r\n\r\nexample.com:443$/);
    await eventually("it counted", async () => (await counted(hurricane))["200"] === 1);
    await eventually(
      "nothing in flight",
      async () => /^http_server_active_requests 0$/m.test((await hurricane.probe("/metrics")).text),
    );
  });

  test("its time-outs, but those that would cut off what is in progress", async () => {
    for (const [args, keepAliveTimeout] of [[[], 75_000], [["--idle-timeout=9s"], 9000]] as const) {
      await using hurricane = await serve(rare, { ...options, args: [...args] });
      const { text } = await hurricane.get("/timeouts");
      assertEquals(JSON.parse(text), {
        keepAliveTimeout,
        requestTimeout: 0,
        headersTimeout: 60_000,
        timeout: 0,
      });
      await hurricane.printed(`listens ${new URL(hurricane.url()).port}`);
    }
  });
});

describe(`a server of node:http that is gone (${form})`, () => {
  for (
    const [how, does] of [["closes it", "server.close()"], [
      "closes it with all connections",
      "server.closeAllConnections(); server.close()",
    ]] as const
  ) {
    test(`is replaced where the application ${how}`, async () => {
      const handler = obligingNode.replace(`"/throw":`, `"/close": () => { ${does}; },\n"/throw":`);
      await using hurricane = await serve(handler);
      const { text: pid } = await hurricane.get("/pid");
      void hurricane.get("/close").catch(() => {});
      await hurricane.logged(/the handler (ended|closed) its server/);
      await hurricane.logged(/^the handler is up again$/);
      assert((await hurricane.get("/pid")).text !== pid);
    });
  }

  test("is noticed where it was without descriptors, and goes on or is replaced", {
    skip: process.platform !== "linux" && "the limit is set with prlimit",
  }, async () => {
    await using hurricane = await serve(obligingNode, { args: ["--req-queue-len=10"] });
    const [worker] = hurricane.children();
    execFileSync("prlimit", ["--pid", String(worker), "--nofile=60:60"]);
    const clients = Array.from({ length: 100 }, () => Connection.open(hurricane.url()));
    for (const client of await Promise.all(clients)) client.send("/");
    await hurricane.probeUntil("/ready", 400);
    for (const client of await Promise.all(clients)) client.close();
    await eventually("an answer", () =>
      Promise.race([
        hurricane.get("/").then(({ text }) => text === "hello", () => false),
        pause(200),
      ]));
    await hurricane.probeUntil("/ready", 200);
    assertEquals(await hurricane.stop(), 0);
  });

  test("is none after errors of single connections", async () => {
    const handler = obligingNode.replace(
      `"/throw":`,
      `"/error": (_req, res) => { server.emit("error", new Error("accept failed")); res.end("told"); },\n"/throw":`,
    );
    await using hurricane = await serve(handler);
    const { text: pid } = await hurricane.get("/pid");
    const answer = await hurricane.get("/error");
    // Nobody listens for it: as with node:http, that is an error of whoever emits it.
    assertEquals(answer.status, 500);
    await hurricane.logged(/accept failed/);
    assertEquals((await hurricane.get("/pid")).text, pid);
  });
});
