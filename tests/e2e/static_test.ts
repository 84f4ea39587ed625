import { describe, test } from "node:test";
import { assertEquals, assertFalse, assertMatch } from "@std/assert";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { obliging, saying } from "../support/handlers.ts";
import { Connection } from "../support/http.ts";
import { form, serve } from "../support/hurricane.ts";
import { rawRequest } from "../support/raw.ts";
import { eventually } from "../support/wait.ts";

const files = {
  "public/app.js": "console.log(1);",
  "public/index.html": "<p>welcome",
  "public/deep/index.html": "<p>deep",
  "public/.env": "SECRET=1",
  "assets/logo.svg": "<svg/>",
  "secret.txt": "SECRET",
};
const handler = saying("the handler");

describe(`--static (${form})`, () => {
  test("serves files before the handler, with all that HTTP has for them", async () => {
    await using hurricane = await serve(handler, { files, args: ["--static", "public"] });
    const script = await hurricane.get("/static/app.js");
    assertEquals([script.status, script.text], [200, "console.log(1);"]);
    assertEquals(script.headers["content-type"], "text/javascript; charset=utf-8");
    assertEquals(script.headers["content-length"], "15");
    const { etag = "", "last-modified": date = "" } = script.headers;
    assertMatch(etag, /^"[^"]+"$/);

    const asked = async (headers: Record<string, string>, method = "GET") => {
      const { status, text } = await hurricane.get("/static/app.js", { method, headers });
      return [status, text];
    };
    assertEquals(await asked({ "if-none-match": etag }), [304, ""]);
    assertEquals(await asked({ "if-modified-since": date }), [304, ""]);
    assertEquals(await asked({ range: "bytes=0-6" }), [206, "console"]);
    assertEquals(await asked({ range: "bytes=0-6", "if-range": etag }), [206, "console"]);
    assertEquals(await asked({ range: "bytes=0-6", "if-range": '"x"' }), [200, script.text]);
    assertEquals(await asked({ range: "bytes=99-" }), [416, ""]);
    assertEquals(await asked({}, "HEAD"), [200, ""]);
    assertEquals(await asked({}, "POST"), [200, "the handler"]);

    assertEquals((await hurricane.get("/static/")).text, "<p>welcome");
    assertEquals((await hurricane.get("/static/deep/")).text, "<p>deep");
    assertEquals((await hurricane.get("/static/deep")).headers["location"], "/static/deep/");
    assertEquals((await hurricane.get("/static/missing")).text, "the handler");
    assertEquals((await hurricane.get("/app.js")).text, "the handler");
    assertEquals(await hurricane.stop(), 0);
  });

  test("has no way out of its directory", async () => {
    await using hurricane = await serve(handler, { files, args: ["--static", "public"] });
    const inside = join(hurricane.dir, "public");
    symlinkSync("../secret.txt", join(inside, "out"));
    symlinkSync("..", join(inside, "up"));
    symlinkSync("app.js", join(inside, "in"));
    assertEquals((await hurricane.get("/static/in")).text, "console.log(1);");
    const ways = [
      ...["../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "%2e%2e%2fsecret.txt"],
      ...[
        "%252e%252e%252fsecret.txt",
        "..\\secret.txt",
        "..%5csecret.txt",
        "deep/../../secret.txt",
      ],
      ...[
        "/../secret.txt",
        "app.js%00",
        "%00",
        "..%c0%afsecret.txt",
        "out",
        "up/secret.txt",
        ".env",
      ],
      ...["%2eenv", `/${hurricane.dir}/secret.txt`, `${hurricane.dir}/secret.txt`.slice(1)],
    ];
    for (const way of ways) {
      for (const version of ["1.0", "1.1"] as const) {
        const { status, text } = await rawRequest(hurricane.url(), `/static/${way}`, { version });
        assertFalse(text.includes("SECRET"), way);
        assertEquals([way, [200, 400].includes(status)], [way, true]);
      }
    }
    assertEquals((await hurricane.get("/static/app.js")).status, 200);
  });

  test("is counted and logged as everything is", async () => {
    await using hurricane = await serve(handler, {
      files,
      args: ["--static", "/=public", "--static", "/assets/=assets", "--access-log"],
    });
    assertEquals((await hurricane.get("/app.js")).status, 200);
    assertEquals((await hurricane.get("/assets/logo.svg")).text, "<svg/>");
    assertEquals((await hurricane.get("/app.js", { headers: { range: "bytes=-1" } })).text, ";");
    const metrics = (await hurricane.probe("/metrics")).text;
    assertMatch(metrics, /^http_server_request_duration_seconds_count\{.*"200".*\} 2$/m);
    assertMatch(metrics, /^http_server_request_duration_seconds_count\{.*"206".*\} 1$/m);
    assertMatch(metrics, /^http_server_response_body_size_bytes_sum 22$/m);
    await hurricane.log.until(
      "the file in the access log",
      ({ part, status, path }) => part === "access" && status === 200 && path === "/app.js",
    );
    assertEquals((await hurricane.probe("/ready")).status, 200);
  });

  test("asks the client to go while draining", async () => {
    const args = ["--static=public", "--shutdown-delay=20s"];
    await using hurricane = await serve(obliging, { files, args });
    using client = await Connection.open(hurricane.url());
    assertEquals((await client.get("/static/app.js")).headers["connection"], undefined);
    hurricane.signal("SIGTERM");
    // The handler's process hears of it a moment after the probes know it.
    const last = await eventually("an answer that closes the connection", async () => {
      const answer = await client.get("/static/app.js");
      return answer.headers["connection"] === "close" && answer;
    });
    assertEquals([last.status, last.text], [200, "console.log(1);"]);
  });

  // On Deno, what a bare import means is the handler's project's to say, and Hurricane needs Hono here.
  test("gets along with a handler that has a package of the same name", async () => {
    const folder = "node_modules/hono";
    await using hurricane = await serve(
      `import { text } from "hono"; export default { fetch: () => new Response(text) };`,
      {
        args: ["--static", "public"],
        files: {
          ...files,
          "package.json": `{"dependencies":{"hono":"1.0.0"}}`,
          [`${folder}/package.json`]: `{"name":"hono","version":"1.0.0","type":"module",
            "main":"index.js"}`,
          [`${folder}/index.js`]: `export const text = "the handler's own";`,
        },
      },
    );
    assertEquals((await hurricane.get("/")).text, "the handler's own");
    assertEquals((await hurricane.get("/static/app.js")).text, "console.log(1);");
  });
});
