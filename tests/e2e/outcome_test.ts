import { describe, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { writeFileSync } from "node:fs";
import { connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { connect as connectTls } from "node:tls";
import { certificate } from "../support/certificate.ts";
import { form, type Hurricane, runtime, serve } from "../support/hurricane.ts";
import { counted, logged } from "../support/said.ts";
import { eventually } from "../support/wait.ts";

const spoilt = `
const once = new Response("once");
const paths = {
  "/once": () => once,
  "/read": async () => { const answer = new Response("x"); await answer.text(); return answer; },
  "/error": () => Response.error(),
  "/nothing": () => undefined,
  "/nothing-later": () => Promise.resolve(undefined),
  "/throw": () => { throw new Error("secret"); },
  "/reject": () => Promise.reject(new Error("secret")),
};
export default {
  websocket: { message() {} },
  fetch: (request) => paths[new URL(request.url).pathname](),
};
`;

/** Wraps the server as a reporter of errors does. */
const reporter = `
const wrapped = (fetch) => async (request, info) => {
  try {
    return await fetch(request, info);
  } catch (error) {
    console.log("reported " + error.message);
    throw error;
  }
};
if (globalThis.Bun) {
  const { serve } = Bun;
  Bun.serve = ({ fetch, ...rest }) => serve({ ...rest, fetch: wrapped(fetch) });
} else {
  const { serve } = Deno;
  Deno.serve = (options, fetch) => serve(options, wrapped(fetch));
}
`;

describe(`what is said of a request (${form})`, () => {
  test("is what its client got, where the handler's answer cannot be sent", async () => {
    await using hurricane = await serve(spoilt, { args: ["--access-log"] });
    assertEquals((await hurricane.get("/once?first")).status, 200);
    const paths = ["/once", "/read", "/error", "/nothing", "/nothing-later", "/throw", "/reject"];
    for (const path of paths) {
      const { status, text } = await hurricane.get(path);
      assertEquals([path, status, text], [path, 500, "Internal Server Error\n"]);
      assertEquals(await logged(hurricane, path), 500);
    }
    assertEquals(await counted(hurricane), { "200": 1, "500": paths.length });
    const errors = hurricane.log.items.filter(({ level }) => level === "error");
    assertEquals(errors.length, paths.length);
    assertMatch(errors[0]?.message ?? "", /^GET \/once failed: TypeError: .*read or sent already/);
    assertMatch(errors[2]?.message ?? "", /^GET \/error failed: TypeError: .*status 0/);
    assertMatch(errors[3]?.message ?? "", /the handler returned undefined/);
    // The runtime prints nothing of its own.
    assertEquals(hurricane.stderr.items.length, hurricane.log.items.length);
    assertEquals(await hurricane.stop(), 0);
  });

  test("is what Hurricane has answered in the handler's place", async () => {
    const handler = `export default async (request) => new Response(await request.text());`;
    const args = ["--access-log", "--max-body-size", "10"];
    await using hurricane = await serve(handler, { args });
    const chunked = { "transfer-encoding": "chunked" };
    for (const [path, headers] of [["/known", {}], ["/chunked", chunked]] as const) {
      const { status } = await hurricane.get(path, {
        method: "POST",
        body: "x".repeat(11),
        headers,
      });
      assertEquals([status, await logged(hurricane, path)], [413, 413]);
    }
    assertEquals(await counted(hurricane), { "413": 2 });
  });

  test("of an upload without a length is the log's alone: the runtime prints nothing", async () => {
    const handler = `export default async (request) => new Response(await request.text());`;
    await using hurricane = await serve(handler);
    const { hostname, port } = new URL(hurricane.url());
    const socket = connect(Number(port), hostname);
    const chunks = "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
    socket.write(`POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n${chunks}`);
    await new Promise((resolve) => socket.resume().once("close", resolve));
    assertEquals(await hurricane.stop(), 0);
    assertEquals(hurricane.stderr.items.length, hurricane.log.items.length);
  });

  test("is an error's to whoever wraps the server, and once in the log", async () => {
    await using hurricane = await serve(reporter + spoilt);
    for (const path of ["/throw", "/reject"]) {
      assertEquals((await hurricane.get(path)).text, "Internal Server Error\n");
    }
    // The output may come after the answer.
    await hurricane.stdout.first(2);
    await hurricane.logged(/^GET \/reject failed/);
    assertEquals(hurricane.stdout.items, ["reported secret", "reported secret"]);
    const lines = hurricane.log.items.filter(({ message }) => /secret/.test(message));
    assertEquals(lines.map(({ message }) => message), [
      "GET /throw failed: Error: secret",
      "GET /reject failed: Error: secret",
    ]);
    assertEquals(hurricane.stderr.items.length, hurricane.log.items.length);
    assertEquals(await counted(hurricane), { "500": 2 });
  });

  test("is no end of others where a handler fails after it has made a WebSocket", {
    skip: runtime !== "bun",
  }, async () => {
    const handler = `
      import process from "node:process";
      const later = () => new Promise((resolve) => setTimeout(resolve, 5));
      export default {
        websocket: { message(socket, text) { socket.send(text); } },
        async fetch(request, server) {
          const { pathname } = new URL(request.url);
          if (pathname === "/pid") return new Response(String(process.pid));
          if (pathname !== "/at-once") await later();
          server.upgrade(request);
          if (pathname !== "/at-once") await later();
          throw new Error("after the upgrade");
        },
      };`;
    await using hurricane = await serve(handler, { args: ["--access-log"] });
    const { text: pid } = await hurricane.get("/pid");
    for (const path of ["/at-once", "/later"]) {
      const socket = new WebSocket(hurricane.url(path).replace("http", "ws"));
      const echoed = new Promise((resolve) => {
        socket.addEventListener("message", ({ data }) => resolve(data));
      });
      await new Promise((resolve) => socket.addEventListener("open", resolve));
      assertEquals(await logged(hurricane, path), 101);
      socket.send("still there");
      assertEquals(await echoed, "still there");
      socket.close();
    }
    assertEquals((await hurricane.get("/pid")).text, pid);
  });

  test("is one's own where many fail with the same error", async () => {
    const handler = `
      const shared = new Error("shared");
      export default { async fetch(request) {
        if (request.url.endsWith("/slow")) await new Promise((resolve) => setTimeout(resolve, 400));
        throw shared;
      } };`;
    await using hurricane = await serve(handler, { args: ["--request-timeout=100ms"] });
    const late = await Promise.all([hurricane.get("/slow"), hurricane.get("/slow")]);
    assertEquals(late.map(({ status }) => status), [504, 504]);
    await hurricane.log.until("what was thrown late", ({ message }) => /slow failed/.test(message));
    for (let times = 0; times < 3; times++) assertEquals((await hurricane.get("/")).status, 500);
  });

  test("is in the log where the runtime alone finds out that an answer cannot be sent", async () => {
    const locked = `export default () => {
      const answer = new Response(new ReadableStream({ start: (c) => c.close() }));
      answer.body.getReader();
      return answer;
    }`;
    await using hurricane = await serve(locked);
    assertEquals((await hurricane.get()).text, "Internal Server Error\n");
    await hurricane.logged(/^a request failed after the handler had answered it: /);
  });

  test("is a message of one line where what is thrown is no error", async () => {
    const thrower = `export default ({ url }) => {
      if (url.endsWith("/response")) throw new Response("no", { status: 404 });
      throw { code: 7, why: { one: "x".repeat(40), other: ["y".repeat(40)] } };
    };`;
    await using hurricane = await serve(thrower);
    for (const path of ["/response", "/object"]) {
      assertEquals((await hurricane.get(path)).status, 500);
      const { message } = await hurricane.logged(new RegExp(`^GET ${path} failed: `));
      assertEquals(message.split("\n").length, 1, message);
    }
  });

  test("is what the handler's own error function answers", {
    skip: runtime !== "bun" && "the field `error` is Bun's",
  }, async () => {
    const handler = `export default {
      routes: { "/route": () => { throw new Error("of the route"); } },
      fetch: async () => { throw new Error("of fetch"); },
      error: (error) => new Response(error.message, { status: 418 }),
    }`;
    await using hurricane = await serve(handler, { args: ["--access-log"] });
    const answers = [await hurricane.get("/route"), await hurricane.get("/")];
    assertEquals(answers.map(({ status, text }) => [status, text]), [
      [418, "of the route"],
      [418, "of fetch"],
    ]);
    assertEquals(await logged(hurricane, "/route"), 418);
    await eventually("both counted", async () => (await counted(hurricane))["418"] === 2);
  });
});

/** Holds what its path says until the file "release" exists, and prints what its signal does. */
const holding = `
import { existsSync } from "node:fs";
export default async (request, info) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/") return new Response("hello");
  if (pathname === "/signal") request.signal.addEventListener("abort", () => console.log("aborted"));
  if (request.method === "POST" && pathname === "/reads") await request.text();
  console.log("holding");
  if (pathname === "/never") return new Promise(() => {});
  while (!existsSync("release")) await new Promise((resolve) => setTimeout(resolve, 20));
  console.log("released");
  return new Response("held");
};
`;

/** Sends a request with these bytes, and leaves when the handler has it. */
async function leave(
  hurricane: Hurricane,
  head: string,
  body = "",
  how: "destroy" | "resetAndDestroy" = "destroy",
): Promise<void> {
  const { hostname, port, protocol } = new URL(hurricane.url());
  const { stdout } = hurricane;
  const held = () => stdout.items.filter((line) => line === "holding").length;
  const before = held();
  const address = { host: hostname, port: Number(port), rejectUnauthorized: false };
  const socket = protocol === "https:" ? connectTls(address) : connect(address);
  socket.on("error", () => {});
  socket.write(`${head} HTTP/1.1\r\nHost: test\r\n${body}`);
  if (body === "") socket.write("\r\n");
  await eventually("it in the handler", () => held() > before);
  socket[how]();
}

const chunked = "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
const sized = "Content-Length: 1\r\n\r\nx";

describe(`a client that leaves before its answer (${form})`, () => {
  test("leaves no connection behind where the handler never answers, with --request-timeout", {
    skip: process.platform !== "linux" && "descriptors are looked at in /proc",
  }, async () => {
    const handler = `import { readdirSync } from "node:fs";
    export default (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/descriptors") return new Response(String(readdirSync("/proc/self/fd").length));
      return new Promise(() => console.log("holding"));
    }`;
    await using hurricane = await serve(handler, { args: ["--request-timeout=1m"] });
    const descriptors = async () => Number((await hurricane.get("/descriptors")).text);
    const before = await descriptors();
    for (let count = 0; count < 5; count++) await leave(hurricane, "GET /never");
    await eventually("all given up", async () => (await counted(hurricane))["499"] === 5);
    await eventually("their connections closed", async () => await descriptors() <= before + 1);
  });

  const tls = certificate();
  for (
    const [kind, args, files] of [
      ["plain", [], {}],
      ["TLS", ["--tls-cert=tls.crt", "--tls-key=tls.key"], {
        "tls.crt": tls.cert,
        "tls.key": tls.key,
      }],
    ] as const
  ) {
    test(`is 499, and its request no longer counts (${kind})`, async () => {
      await using hurricane = await serve(holding, {
        args: ["--access-log", "--max-inflight=8", ...args],
        files,
      });
      // After an answer on the same connection as well.
      await leave(hurricane, "GET / HTTP/1.1\r\nHost: test\r\n\r\nGET /keep");
      await leave(hurricane, "GET /get");
      await leave(hurricane, "POST /sized", sized);
      await leave(hurricane, "POST /chunked", chunked);
      await leave(hurricane, "POST /reads", sized);
      await leave(hurricane, "POST /reads", chunked);
      await leave(hurricane, "GET /signal");
      await leave(hurricane, "GET /never");
      for (const path of ["/keep", "/get", "/sized", "/chunked", "/reads", "/signal", "/never"]) {
        assertEquals([path, await logged(hurricane, path)], [path, 499]);
      }
      await hurricane.printed("aborted");
      await eventually("all counted", async () => (await counted(hurricane))["499"] === 8);
      assertMatch((await hurricane.probe("/metrics")).text, /^http_server_active_requests 0$/m);
      const answer = await hurricane.get("/", { ca: tls.cert });
      assertEquals([answer.status, answer.text], [200, "hello"]);
      // The handlers settle now, which counts nothing once more.
      writeFileSync(join(hurricane.dir, "release"), "");
      const released = () => hurricane.stdout.items.filter((line) => line === "released");
      await eventually("all but one to settle", () => released().length === 7);
      assertEquals(await counted(hurricane), { "200": 2, "499": 8 });
      const lines = hurricane.log.items.filter(({ part }) => part === "access");
      assertEquals(lines.length, 10);
      // Nothing that a runtime says by itself.
      assertEquals(hurricane.stderr.items.length, hurricane.log.items.length);
    });

    test(`is 499 in mid-upload, which is no error of the handler (${kind})`, async () => {
      const handler = `export default async (request) => {
        console.log("holding");
        return new Response(await request.text());
      }`;
      await using hurricane = await serve(handler, { args: ["--access-log", ...args], files });
      const ways = kind === "TLS" ? ["destroy"] as const : ["destroy", "resetAndDestroy"] as const;
      for (const way of ways) {
        await leave(hurricane, `POST /sized?${way}`, "Content-Length: 9\r\n\r\nx", way);
        await leave(
          hurricane,
          `POST /chunked?${way}`,
          "Transfer-Encoding: chunked\r\n\r\n9\r\nx",
          way,
        );
        for (const path of [`/sized?${way}`, `/chunked?${way}`]) {
          assertEquals([path, await logged(hurricane, path)], [path, 499]);
        }
      }
      assertEquals(await counted(hurricane), { "499": 2 * ways.length });
      assertEquals(hurricane.log.items.filter(({ level }) => level === "error"), []);
      assertEquals(await hurricane.stop(), 0);
    });
  }

  test("is 499 over HTTP/2 as well", {
    skip: runtime !== "deno" && "Bun speaks HTTP/1.1 alone",
  }, async () => {
    await using hurricane = await serve(holding, {
      args: ["--access-log", "--tls-cert=tls.crt", "--tls-key=tls.key"],
      files: { "tls.crt": tls.cert, "tls.key": tls.key },
    });
    const session = connectHttp2(hurricane.url(), { ca: tls.cert });
    // Deno tells of one that leaves at once only where the signal has been asked for.
    const stream = session.request({ ":path": "/signal" });
    stream.on("error", () => {});
    stream.end();
    await hurricane.printed("holding");
    stream.close(constants.NGHTTP2_CANCEL);
    assertEquals(await logged(hurricane, "/signal"), 499);
    session.destroy();
  });

  test("is 499 in one of Bun's routes as well", {
    skip: runtime !== "bun" && "routes are Bun's",
  }, async () => {
    const handler = `export default {
      routes: {
        "/:never": () => {
          console.log("holding");
          return new Promise(() => {});
        },
      },
      fetch: () => new Response("not found", { status: 404 }),
    };`;
    await using hurricane = await serve(handler, { args: ["--access-log"] });
    await leave(hurricane, "GET /never");
    assertEquals(await logged(hurricane, "/never"), 499);
  });

  test("is 499 also where the handler ends by its signal", async () => {
    const handler = `export default async ({ signal }) => {
      console.log("holding");
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    };`;
    await using hurricane = await serve(handler, { args: ["--access-log"] });
    await leave(hurricane, "GET /ends");
    assertEquals(await logged(hurricane, "/ends"), 499);
    assertEquals(hurricane.log.items.filter(({ level }) => level === "error"), []);
    assertEquals(await hurricane.stop(), 0);
    assertEquals(hurricane.stderr.items.length, hurricane.log.items.length);
  });

  test("keeps no pod unready", async () => {
    await using hurricane = await serve(holding, { args: ["--req-queue-len=2"] });
    for (let count = 0; count < 3; count++) await leave(hurricane, "GET /never");
    await eventually("readiness", async () => (await hurricane.probe("/ready")).status === 200);
  });

  test("is waited for when its worker stops, as its work may be worth it", async () => {
    await using hurricane = await serve(holding, { args: ["--shutdown-timeout=60s"] });
    await leave(hurricane, "GET /get");
    hurricane.signal("SIGTERM");
    await hurricane.logged(/^(draining|stopping)/);
    assertEquals(hurricane.stdout.items.includes("released"), false);
    writeFileSync(join(hurricane.dir, "release"), "");
    assertEquals(await hurricane.exited, { code: 0, signal: null });
    assertEquals(hurricane.stdout.items.at(-1), "released");
  });

  test("is cut off when --shutdown-timeout is over, and the log says so", async () => {
    await using hurricane = await serve(holding, { args: ["--shutdown-timeout=300ms"] });
    await leave(hurricane, "GET /never");
    await eventually("it counted", async () => (await counted(hurricane))["499"] === 1);
    assertEquals(await hurricane.stop(), 1);
    await hurricane.logged(/1 request was cut off \(--shutdown-timeout\)/);
  });
});

describe(`a WebSocket (${form})`, () => {
  test("that is opened late is none that leaves, and has no time limit", async () => {
    const late = "await new Promise((resolve) => setTimeout(resolve, 200));";
    const handler = runtime === "bun"
      ? `export default {
          websocket: { message: (socket, text) => socket.send(text), close: () => console.log("closed") },
          async fetch(request, server) {
            ${late}
            server.upgrade(request);
            ${late}
          },
        }`
      : `export default async (request) => {
          ${late}
          const { socket, response } = Deno.upgradeWebSocket(request);
          socket.onmessage = ({ data }) => socket.send(data);
          socket.onclose = () => console.log("closed");
          ${late}
          return response;
        }`;
    await using hurricane = await serve(handler, { args: ["--request-timeout=300ms"] });
    const socket = new WebSocket(hurricane.url().replace("http", "ws"));
    const echo = new Promise((resolve, reject) => {
      socket.onmessage = ({ data }) => resolve(data);
      socket.onerror = () => reject(new Error("the WebSocket failed"));
    });
    socket.onopen = () => socket.send("hello");
    assertEquals(await echo, "hello");
    socket.close();
    await hurricane.printed("closed");
    await eventually("it counted", async () => (await counted(hurricane))["101"] === 1);
    assertEquals(await counted(hurricane), { "101": 1 });
    assertMatch((await hurricane.probe("/metrics")).text, /^http_server_active_requests 0$/m);
  });
});

describe(`--request-timeout (${form})`, () => {
  test("answers 504, aborts the signal, and frees the place", async () => {
    await using hurricane = await serve(holding, {
      args: ["--request-timeout=200ms", "--access-log", "--max-inflight=1"],
    });
    const { status, text } = await hurricane.get("/signal");
    assertEquals([status, text], [504, "Gateway Timeout\n"]);
    await hurricane.printed("aborted");
    await hurricane.logged(/^GET \/signal has no answer after 200ms \(--request-timeout\): 504$/);
    assertEquals(await logged(hurricane, "/signal"), 504);
    assertEquals((await hurricane.get("/")).text, "hello");
    // An upload that does not come to its end is nothing else.
    const { hostname, port } = new URL(hurricane.url());
    const socket = connect(Number(port), hostname);
    socket.write("POST /reads HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\nx");
    const answer = await new Promise((resolve) => socket.once("data", resolve));
    assertMatch(String(answer), /^HTTP\/1.1 504 /);
    socket.destroy();
    writeFileSync(join(hurricane.dir, "release"), "");
    await hurricane.printed("released");
    assertEquals(await counted(hurricane), { "200": 1, "504": 2 });
  });

  test("leaves a handler that goes on its request", async () => {
    const handler = `export default async (request) => {
      console.log("holding");
      await new Promise((resolve) => setTimeout(resolve, 400));
      const field = (name) => request.headers.get(name);
      console.log(request.method + " " + new URL(request.url).pathname + " " + field("x-field"));
      return new Response();
    }`;
    await using hurricane = await serve(handler, { args: ["--request-timeout=100ms"] });
    const headers = { "x-field": "kept" };
    for (const path of ["/one", "/one/two"]) {
      assertEquals((await hurricane.get(path, { headers })).status, 504);
      await hurricane.printed(`GET ${path} kept`);
    }
    assertEquals((await hurricane.get("/post", { method: "POST", headers })).status, 504);
    await hurricane.printed("POST /post kept");
    await using waiting = await serve(handler);
    await leave(waiting, "GET /left", "X-Field: kept\r\n\r\n");
    await waiting.printed("GET /left kept");
  });
});
