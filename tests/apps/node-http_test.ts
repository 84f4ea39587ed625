import { assertEquals } from "@std/assert";
import { testApp } from "../support/apps/conformance.ts";
import { raw } from "../support/apps/raw.ts";
import { usual } from "../support/apps/requests.ts";

/** Without the lines in which two runs differ: the date, and how long a connection is kept. */
const withoutTimes = (text: string) => text.replace(/^(date|keep-alive):.*\r\n/gim, "");

testApp({
  name: "node-http",
  packages: {},
  entry: "server.js",
  runtimes: { bun: true, deno: true },
  requests: [
    ...Object.values(usual),
    {
      method: "POST",
      path: "/upload",
      headers: { Expect: "100-continue" },
      body: "on",
      status: 200,
      has: "2 ",
    },
    { method: "POST", path: "/unread", body: "x".repeat(50_000), status: 413 },
    { path: "/trailers", headers: { TE: "trailers" }, status: 200 },
    { path: "/empty", status: 204 },
    { path: "/unmodified", status: 304 },
    { path: "/close", status: 200 },
    { method: "PATCH", path: "/with%20space?q=%C3%BC", status: 404, has: "/with%20space?q=%C3%BC" },
  ],
  slow: "/slow",
  talks: {
    async "answers in order what is sent at once"(at) {
      const text = await raw(
        at,
        ["GET /", "GET /empty", "GET /nowhere", "GET /close"].map((line) =>
          `${line} HTTP/1.1\r\nHost: app.test\r\n\r\n`
        ).join(""),
        (read) => read.endsWith("the last answer"),
      );
      return withoutTimes(text);
    },
    async "upgrades to a protocol of the application's own"(at) {
      const head = "GET /socket HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\n" +
        "Upgrade: echo\r\nX-Key: abc\r\n\r\n";
      const text = await raw(at, head, (read) => read.endsWith("ping"), "ping");
      assertEquals(text.split("\r\n")[0], "HTTP/1.1 101 Switching Protocols");
      return text;
    },
    async "refuses what is no HTTP"(at) {
      return (await raw(at, "nonsense\r\n\r\n")).split("\r\n")[0];
    },
    "speaks HTTP/1.0": async (at) => withoutTimes(await raw(at, "GET / HTTP/1.0\r\n\r\n")),
  },
});
