/**
 * Options of `serve`, with a server of `node:http` that is adopted.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { certificate } from "../support/certificate.ts";
import { Connection } from "../support/http.ts";
import { form, type Hurricane, runtime, serve } from "../support/hurricane.ts";
import { Inspector } from "../support/inspector.ts";
import { obligingNode } from "../support/node_handlers.ts";
import { counted, logged } from "../support/said.ts";
import { eventually } from "../support/wait.ts";

const authority = certificate({ name: "authority", authority: true });
const server = certificate({ issuer: authority });
const ca = authority.cert;
const files = { "tls/tls.crt": server.cert + authority.cert, "tls/tls.key": server.key };
const tls = ["--tls-cert", "tls/tls.crt", "--tls-key", "tls/tls.key"];

/** Says what it knows of its connection, and of itself. */
function secure(create: string): string {
  return `
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
const own = { cert: readFileSync("own.crt"), key: readFileSync("own.key") };
const server = ${create}((req, res) => {
  const { port } = server.address();
  res.end([req.socket.encrypted === true, server.listening, port === req.socket.localPort].join());
});
server.listen(process.env.PORT, () => {
  console.log("listens");
  // As socket.io and others do: later than the rest.
  server.on("upgrade", (req, socket) => {
    const key = req.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    socket.on("error", () => {});
    socket.on("data", (frame) => (frame[0] & 15) === 8 && socket.end());
    socket.write([
      "HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket",
      "Sec-WebSocket-Accept: " + createHash("sha1").update(key).digest("base64"), "", "",
    ].join("\\r\\n"));
  });
});
`;
}

/** Opens a WebSocket, stops Hurricane, and gives the code with which it was closed. */
async function closedWith(hurricane: Hurricane, trusted: string): Promise<number> {
  // Bun's way to say whom to trust.
  const trusting = { tls: { ca: trusted } } as unknown as string[];
  const socket = new WebSocket(hurricane.url().replace("http", "ws"), trusting);
  const closed = new Promise<number>((resolve) => socket.onclose = ({ code }) => resolve(code));
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error("the WebSocket failed"));
  });
  assertEquals(await hurricane.stop(), 0);
  return closed;
}

describe(`TLS of an adopted server of node:http (${form})`, () => {
  const own = certificate();
  const both = { ...files, "own.crt": own.cert, "own.key": own.key };
  const kinds: [create: string, args: string[], trusted: string][] = [
    ["http.createServer", tls, ca],
    ["((listener) => https.createServer(own, listener))", tls, ca],
    ["((listener) => https.createServer(own, listener))", [], own.cert],
  ];
  for (const [create, args, trusted] of kinds) {
    test(`${create} with ${args.length === 0 ? "its own certificate" : "--tls-cert"}`, async () => {
      await using hurricane = await serve(secure(create), {
        name: "handler.js",
        files: both,
        args: [...args, "--access-log"],
      });
      assertMatch(hurricane.url(), /^https:/);
      const { text } = await hurricane.get("/", { ca: trusted });
      assertEquals(text, "true,true,true");
      await assertRejects(() => hurricane.get("/", { ca: certificate().cert }));
      const { client } = await hurricane.logged(/^GET \/ 200$/);
      assertMatch(String(client), /127\.0\.0\.1$/);
      using idle = await Connection.open(hurricane.url(), trusted);
      assertEquals((await idle.get("/")).status, 200);
      assertEquals(await closedWith(hurricane, trusted), 1001);
      await idle.closed;
    });
  }

  test("lets requests in flight finish, and asks clients to leave", async () => {
    const args = [...tls, "--shutdown-delay", "1h"];
    const telling = `${obligingNode}\nexport const onDrain = () => console.log("told to drain");`;
    await using hurricane = await serve(telling, { files, args });
    using client = await Connection.open(hurricane.url(), ca);
    client.send("/kept");
    await hurricane.printed("holding");
    hurricane.signal("SIGTERM");
    await hurricane.printed("told to drain");
    writeFileSync(join(hurricane.dir, "release"), "");
    const { text, headers } = await client.answer();
    assertEquals([text, headers.connection?.toLowerCase()], ["kept", "close"]);
    await client.closed;
  });

  test("--tls-client-ca: only who has a certificate of the authority gets in", {
    skip: runtime === "deno" && "it needs Bun",
  }, async () => {
    const clients = certificate({ name: "clients", authority: true });
    const client = certificate({ name: "client", issuer: clients });
    await using hurricane = await serve(obligingNode, {
      files: { ...files, "clients.crt": clients.cert },
      args: [...tls, "--tls-client-ca", "clients.crt"],
    });
    assertEquals((await hurricane.get("/", { ca, client })).text, "hello");
    await assertRejects(() => hurricane.get("/", { ca }));
    await assertRejects(() => hurricane.get("/", { ca, client: certificate({ name: "other" }) }));
  });
});

describe(`options with an adopted server of node:http (${form})`, () => {
  test("--static: its files come first, and count as everything does", async () => {
    await using hurricane = await serve(obligingNode, {
      files: { "public/index.html": "the index", "public/pid": "a file" },
      args: ["--static=/=public", "--access-log"],
    });
    assertEquals((await hurricane.get("/")).text, "the index");
    assertEquals((await hurricane.get("/pid")).text, "a file");
    const head = await hurricane.get("/pid", { method: "HEAD" });
    assertEquals([head.status, head.headers["content-length"], head.text], [200, "6", ""]);
    const { headers } = await hurricane.get("/pid");
    const same = { "if-none-match": String(headers.etag) };
    assertEquals((await hurricane.get("/pid", { headers: same })).status, 304);
    assertEquals((await hurricane.get("/pid", { method: "POST" })).text === "a file", false);
    assertEquals((await hurricane.get("/length")).text, "abc");
    assertEquals(await logged(hurricane, "/pid"), 200);
    assertEquals(await counted(hurricane), { "200": 6, "304": 1 });
  });

  test("--probe-port as --port: the probes come first, and do not count", async () => {
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    await using hurricane = await serve(obligingNode, {
      args: [`--port=${port}`, `--probe-port=${port}`, "--access-log"],
    });
    assertEquals((await hurricane.get("/")).text, "hello");
    for (const path of ["/alive", "/ready", "/metrics"]) {
      const { status } = await hurricane.get(path);
      assertEquals([path, status], [path, 200]);
    }
    using client = await Connection.open(hurricane.url());
    assertEquals((await client.get("/ready")).status, 200);
    assertEquals((await client.get("/")).text, "hello");
    assertEquals(await counted(hurricane), { "200": 2 });
    assertEquals(await hurricane.stop(), 0);
  });

  test("--watch: an edit is served", async () => {
    await using hurricane = await serve(obligingNode, { args: ["--watch"] });
    assertEquals((await hurricane.get("/")).text, "hello");
    const file = join(hurricane.dir, "handler.ts");
    writeFileSync(file, readFileSync(file, "utf8").replace('"hello"', '"edited"'));
    await eventually("the edit", async () => (await hurricane.get("/")).text === "edited");
    assertEquals(await hurricane.stop(), 0);
  });

  test("--debugger: shows its process", async () => {
    await using hurricane = await serve(obligingNode, {
      args: ["--debugger", "--debugger-port=0"],
    });
    const { debuggerUrl } = await hurricane.logged(/^debugger on /);
    using inspector = await Inspector.open(String(debuggerUrl));
    await inspector.call("Runtime.enable");
    const { result } = await inspector.call("Runtime.evaluate", { expression: "process.pid" }) as {
      result: { value: number };
    };
    assertEquals(String(result.value), (await hurricane.get("/pid")).text);
  });

  test("--max-inflight and --request-timeout hold for uploads over TLS", async () => {
    await using hurricane = await serve(obligingNode, {
      files,
      args: [...tls, "--request-timeout=200ms", "--max-body-size=5"],
    });
    const large = { ca, method: "POST", body: "123456" };
    assertEquals((await hurricane.get("/upload", large)).status, 413);
    assertEquals((await hurricane.get("/never", { ca, method: "POST", body: "1" })).status, 504);
    await eventually("both counted", async () => {
      const { "413": large, "504": late } = await counted(hurricane);
      return large === 1 && late === 1;
    });
    assert(!hurricane.log.items.some(({ level }) => level === "error"));
  });
});
