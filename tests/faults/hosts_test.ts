/**
 * Requests whose `Host`, or whose target, tries to be taken for another path than it asks for.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { freePort } from "../support/free_port.ts";
import { Http2Connection } from "../support/http2.ts";
import { form, type Hurricane, runtime, serve } from "../support/hurricane.ts";
import { rawRequest } from "../support/raw.ts";

const web = `export default {
  fetch: ({ url, method }) => new Response("handler " + method + " " + url),
};`;

const node = `import { createServer } from "node:http";
createServer((request, response) => response.end("handler " + request.method + " " + request.url))
  .listen(process.env.PORT);`;

/** Serves with probes, metrics and a file on the handler's port. */
async function served(handler: string): Promise<Hurricane> {
  const port = String(await freePort());
  return await serve(handler, {
    args: ["--port", port, "--probe-port", port, "--static", "public", "--access-log"],
    files: { "public/secret.txt": "file" },
  });
}

const promise =
  "a Host that is none is answered with 400, counted as that, and logged with the path that was asked for";

const hosts: Record<string, string> = {
  "leads to a probe": "a/ready",
  "leads to a probe, and makes the path its query": "a/ready?",
  "leads to a probe, and makes the path its fragment": "a/ready#",
  "leads to the metrics": "a/metrics",
  "leads to a file": "a/static/secret.txt?",
  "has a query of its own": "a?b",
  "has a backslash": "a\\ready",
  "has a blank": "a b",
  "names a user": "user@a",
  "is not ASCII": "\u00e9/ready",
};

for (const [kind, handler] of Object.entries({ "a fetch handler": web, "node:http": node })) {
  describe(`hosts, ${kind} (${form})`, () => {
    test(promise, async () => {
      await using hurricane = await served(handler);
      // What most of them begin with has been seen to be one then.
      const { status } = await rawRequest(hurricane.url(), "/asked", { headers: { Host: "a" } });
      assertEquals(status, 200);
      for (const [fault, host] of Object.entries(hosts)) {
        for (const method of ["GET", "POST"]) {
          const headers: Record<string, string> = { Host: host };
          if (method === "POST") headers["Transfer-Encoding"] = "chunked";
          const path = `/asked?${encodeURIComponent(fault)}`;
          const body = method === "POST" ? "3\r\nabc\r\n0\r\n\r\n" : "";
          const answer = await rawRequest(hurricane.url(), path, {
            method,
            headers,
            body,
          });
          assertEquals([fault, method, answer.status], [fault, method, 400]);
          const line = await hurricane.log.until(
            `the access log of ${fault}`,
            (line) => line["path"] === path && line["method"] === method,
          );
          assertEquals([fault, line["status"]], [fault, 400]);
        }
      }
      const { text } = await hurricane.get("/metrics");
      const count = Object.keys(hosts).length;
      for (const method of ["GET", "POST"]) {
        const line = text.split("\n").find((line) =>
          line.startsWith("http_server_request_duration_seconds_count{") &&
          line.includes(`"${method}"`) && line.includes('"400"')
        );
        assertEquals(line?.split(" ").at(-1), String(count));
      }
      assertEquals(await hurricane.stop(), 0);
    });

    test("what is asked for is decided by the request line alone", async () => {
      await using hurricane = await served(handler);
      const targets: Record<string, RegExp> = {
        "http://a/ready": /^ready/,
        "http://a?/ready": /^handler GET /,
        "//a/ready": /^handler GET /,
        "//a/static/secret.txt": /^handler GET /,
        "http://a/static/secret.txt": /^file$/,
        "http://a//static/secret.txt": /^handler GET /,
        "/x?/ready": /^handler GET /,
      };
      for (const [target, text] of Object.entries(targets)) {
        const answer = await rawRequest(hurricane.url(), target);
        assertEquals([target, answer.status], [target, 200]);
        assertMatch(answer.text, text, target);
      }
      for (const host of ["a", "a:80", "[::1]:80", "a_b.c"]) {
        const answer = await rawRequest(hurricane.url(), "/x", { headers: { Host: host } });
        assertEquals([host, answer.status], [host, 200]);
      }
      assertStringIncludes(
        (await rawRequest(hurricane.url(), "/x", { version: "1.0" })).text,
        "/x",
      );
      assertEquals(await hurricane.stop(), 0);
    });
  });
}

describe(`hosts, other ways in (${form})`, () => {
  test("the probes' own port refuses such a Host, too", async () => {
    await using hurricane = await serve(web);
    for (const host of ["a/ready", "a/metrics?", "user@a"]) {
      const url = hurricane.probeUrl("/");
      const { status } = await rawRequest(url, "/live", { headers: { Host: host } });
      assertEquals([host, status], [host, 400]);
    }
    assertEquals((await hurricane.probe("/ready")).status, 200);
    assertEquals(await hurricane.stop(), 0);
  });

  test("so does HTTP/2, where they stand in :authority, or beside it and could lead somewhere", {
    skip: runtime !== "deno" && "Bun 1.4 speaks no HTTP/2",
  }, async () => {
    await using hurricane = await served(web);
    using client = new Http2Connection(hurricane.url());
    const ask = async (headers: Record<string, string>): Promise<number> =>
      (await client.get("/asked/for", headers)).status;
    assertEquals(await ask({ ":authority": "a" }), 200);
    assertEquals(await ask({ ":authority": "user@a" }), 400);
    assertEquals(await ask({ ":authority": "a", host: "b/ready" }), 400);
    assertEquals(await hurricane.stop(), 0);
  });
});
