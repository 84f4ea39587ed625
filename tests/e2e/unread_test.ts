/**
 * Answers to uploads that nobody has read.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { form, type Hurricane, serve } from "../support/hurricane.ts";
import { type Upload, upload } from "../support/upload.ts";

const unread = `
import process from "node:process";
export default {
  fetch(request) {
    if (request.url.endsWith("/held")) {
      console.log("holding");
      return new Promise(() => {});
    }
    return new Response("early");
  },
};`;

const times = 10;

async function all(hurricane: Hurricane, path: string, options: Upload, line: string) {
  const uploads = Array.from({ length: times }, () => upload(hurricane.url(), path, options));
  const description = JSON.stringify(options);
  const got = (await Promise.all(uploads)).map((got) => `${got} ${description}`);
  assertEquals(got, Array.from({ length: times }, () => `${line} ${description}`));
}

describe(`answers to unread uploads (${form})`, () => {
  test("arrive, also where the connection is closed after them", async () => {
    await using hurricane = await serve(unread);
    for (const slowly of [false, true]) {
      await all(hurricane, "/", { slowly }, "HTTP/1.1 200 OK");
      const close = { headers: { Connection: "close" }, slowly };
      await all(hurricane, "/", close, "HTTP/1.1 200 OK");
      await all(hurricane, "/", { chunked: true, ...close }, "HTTP/1.1 200 OK");
      const old = form === "deno" ? "HTTP/1.0 200 OK" : "HTTP/1.1 200 OK";
      await all(hurricane, "/", { version: "1.0", slowly }, old);
    }
  });

  test("are left to read the upload themselves where they are streams", async () => {
    await using hurricane = await serve(
      `export default {
      fetch(request) {
        if (request.url.endsWith("/echo")) return new Response(request.body);
        const lazily = async function* () { for await (const piece of request.body) yield piece; };
        return new Response(ReadableStream.from(lazily()));
      },
    };`,
      { name: "handler.js" },
    );
    const body = "x".repeat(1_000_000);
    for (const path of ["/echo", "/lazily"]) {
      for (const headers of [{} as Record<string, string>, { "transfer-encoding": "chunked" }]) {
        const { text } = await hurricane.get(path, { method: "POST", body, headers });
        assertEquals(text.length, body.length);
      }
    }
  });

  test("arrive while draining", async () => {
    await using hurricane = await serve(unread, { args: ["--shutdown-delay", "30s"] });
    hurricane.signal("SIGTERM");
    await hurricane.probeUntil("/ready", 400);
    for (const slowly of [false, true]) {
      await all(hurricane, "/", { slowly }, "HTTP/1.1 200 OK");
    }
  });

  test("arrive where they refuse: too much at once, too large", async () => {
    await using hurricane = await serve(unread, {
      args: ["--max-inflight", "1", "--max-body-size", "5mb"],
    });
    void hurricane.get("/held").catch(() => {});
    await hurricane.printed("holding");
    for (const slowly of [false, true]) {
      await all(
        hurricane,
        "/",
        { headers: { Connection: "close" }, slowly },
        "HTTP/1.1 503 Service Unavailable",
      );
    }
  });

  test("arrive where the body is too large, whether its length is known or not", async () => {
    await using hurricane = await serve(
      `export default { fetch: async (request) => new Response(await request.text()) };`,
      { args: ["--max-body-size", "1mb"] },
    );
    for (const chunked of [false, true]) {
      for (const slowly of [false, true]) {
        const options = { headers: { Connection: "close" }, slowly, chunked };
        await all(hurricane, "/", options, "HTTP/1.1 413 Payload Too Large");
      }
    }
  });
});
