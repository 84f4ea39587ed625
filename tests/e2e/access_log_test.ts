import { connect } from "node:net";
import { describe, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { form, type Hurricane, serve } from "../support/hurricane.ts";
import type { LogLine } from "../support/instance.ts";
import { rawRequest } from "../support/raw.ts";

/** A handler that says what it has been told, in both ways to have one. */
const handlers: Record<string, string> = {
  "a fetch handler": `export default { async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/throws") throw new Error("on purpose");
      if (pathname === "/later") { await 1; throw new Error("on purpose, later"); }
      if (pathname === "/redirect") return Response.redirect("http://127.0.0.1/", 302);
      return new Response(request.headers.get("x-request-id"), { headers: { "content-length":
        String((request.headers.get("x-request-id") ?? "").length) } });
    } };`,
  "a server of node:http": `import { createServer } from "node:http";
    createServer((req, res) => {
      if (req.url === "/throws") throw new Error("on purpose");
      if (req.url === "/later") { res.statusCode = 500; res.end(); return; }
      if (req.url === "/redirect") { res.writeHead(302, { location: "/" }); res.end(); return; }
      const id = req.headers["x-request-id"] ?? "";
      res.setHeader("content-length", id.length);
      res.end(id);
    }).listen(Number(process.env.PORT ?? 0));`,
};

const line = (hurricane: Hurricane, message: RegExp): Promise<LogLine> =>
  hurricane.log.until(`${message}`, (line) => line.part === "access" && message.test(line.message));

const uuid = /^[\da-f-]{36}$/;
const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

for (const [kind, source] of Object.entries(handlers)) {
  describe(`the access log of ${kind} (${form})`, () => {
    test("has the fields that are asked for", async () => {
      const all =
        "method,path,status,duration,client,request_id,trace_id,user_agent,referer,host," +
        "protocol,bytes";
      await using hurricane = await serve(source, {
        args: ["--access-log", `--access-log-fields=${all}`, "--trusted-proxy=127.0.0.0/8"],
      });
      const headers = {
        "x-request-id": "abc-1",
        "user-agent": 'curl "8"',
        referer: "http://a/b",
        "x-forwarded-for": "6.6.6.6, 203.0.113.9",
        "x-forwarded-proto": "https",
        traceparent,
      };
      await hurricane.get("/a?b=1", { headers });
      const { time, duration_ms, host, ...rest } = await line(hurricane, /^GET \/a/);
      assertEquals([typeof time, typeof duration_ms], ["string", "number"]);
      assertEquals(host, new URL(hurricane.url()).host);
      assertEquals(rest, {
        level: "info",
        part: "access",
        message: "GET /a?b=1 200",
        method: "GET",
        path: "/a?b=1",
        status: 200,
        bytes: 5,
        client: "203.0.113.9",
        request_id: "abc-1",
        trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
        user_agent: 'curl "8"',
        referer: "http://a/b",
        protocol: "https",
      });
    });

    test("has nothing else, not in its message either", async () => {
      await using hurricane = await serve(source, {
        args: ["--access-log", "--access-log-fields=status,request_id"],
      });
      const { text } = await hurricane.get("/secret");
      assertEquals(text, "");
      const { time: _any, request_id, ...rest } = await line(hurricane, /^200$/);
      assertEquals(rest, { level: "info", part: "access", message: "200", status: 200 });
      assertMatch(String(request_id), uuid);
    });

    test("believes nobody who is not trusted", async () => {
      await using hurricane = await serve(source, {
        args: ["--access-log", "--trusted-proxy=10.0.0.0/8"],
      });
      await hurricane.get("/a", { headers: { "x-forwarded-for": "6.6.6.6" } });
      assertEquals((await line(hurricane, /^GET \/a/))["client"], "127.0.0.1");
    });

    test("has lines that a pipe takes whole", async () => {
      const all = "method,path,status,client,request_id,user_agent,referer,host,bytes";
      await using hurricane = await serve(source, {
        args: ["--access-log", `--access-log-fields=${all}`],
      });
      const long = '"'.repeat(3000);
      await hurricane.get(`/${"x".repeat(3000)}`, {
        headers: { "user-agent": long, referer: long },
      });
      await line(hurricane, /^GET \/x/);
      const longest = Math.max(...hurricane.stderr.items.map((line) => Buffer.byteLength(line)));
      assertEquals(longest < 4096, true, String(longest));
    });
  });

  describe(`--request-id with ${kind} (${form})`, () => {
    test("names each request: for the handler, the client and the log", async () => {
      await using hurricane = await serve(source, {
        args: ["--request-id", "--access-log", "--access-log-fields=path,request_id"],
      });
      const given = await hurricane.get("/given", { headers: { "x-request-id": "abc-1" } });
      assertEquals([given.text, given.headers["x-request-id"]], ["abc-1", "abc-1"]);
      for (const path of ["/made", "/redirect", "/later"]) {
        const headers = { "x-request-id": "not sane" };
        const made = await hurricane.get(path, { headers });
        const id = String(made.headers["x-request-id"]);
        assertMatch(id, uuid, path);
        if (path === "/made") assertEquals(made.text, id);
        const logged = await line(hurricane, new RegExp(`^${path}$`));
        assertEquals(logged["request_id"], id);
      }
    });

    test("names what fails as well", async () => {
      await using hurricane = await serve(source, { args: ["--request-id"] });
      const { status, headers } = await hurricane.get("/throws", {
        headers: { "x-request-id": "abc-1" },
      });
      assertEquals([status, headers["x-request-id"]], [500, "abc-1"]);
    });

    test("names what is refused for its Host", async () => {
      await using hurricane = await serve(source, {
        args: ["--request-id", "--access-log", "--access-log-fields=path,request_id"],
      });
      for (const [path, host] of [["/slash", "a/b"], ["/space", "a b"]] as const) {
        const made = await rawRequest(hurricane.url(), path, { headers: { Host: host } });
        const id = String(made.headers["x-request-id"]);
        assertEquals(made.status, 400, host);
        assertMatch(id, uuid, host);
        assertEquals((await line(hurricane, new RegExp(`^${path}$`)))["request_id"], id);
      }
    });

    test("is off unless it is asked for", async () => {
      await using hurricane = await serve(source);
      const { text, headers } = await hurricane.get("/");
      assertEquals([text, headers["x-request-id"]], ["", undefined]);
    });
  });
}

describe(`a line of the access log (${form})`, () => {
  test("has no length that is no number", async () => {
    const handler = `export default () =>
      new Response(null, { headers: { "content-length": "9".repeat(400) } });`;
    await using hurricane = await serve(handler, {
      args: ["--access-log", "--access-log-fields=method,bytes"],
    });
    const { hostname, port } = new URL(hurricane.url());
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {}).end("HEAD / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    const { time: _, ...rest } = await line(hurricane, /^HEAD$/);
    socket.destroy();
    assertEquals(rest, { level: "info", part: "access", message: "HEAD", method: "HEAD" });
  });
});
