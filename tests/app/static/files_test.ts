import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { once } from "node:events";
import { rmSync, utimesSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { runtime } from "../../../src/runtime/mod.ts";
import type { Answer } from "../../support/http.ts";
import { eventually } from "../../support/wait.ts";
import { openFiles, Served } from "./served.ts";

/** What was sent: the status, the type, and the text. */
function gist({ status, headers, text }: Answer): [number, string | undefined, string] {
  return [status, headers["content-type"], text];
}

const handled = "the handler";

/** Without and with a header: a whole file that Bun sends, and one that Hurricane reads. */
function ranges(range: string): Record<string, string>[] {
  return [{}, { range }];
}

describe("a file of --static", () => {
  test("is served with its type and length, and as a part can be had", async () => {
    await using served = await Served.open();
    const answer = await served.get("/static/a.txt");
    assertEquals(gist(answer), [200, "text/plain; charset=utf-8", "0123456789"]);
    assertEquals(answer.headers["content-length"], "10");
    assertEquals(answer.headers["accept-ranges"], "bytes");
    assertMatch(String(answer.headers["etag"]), /^"a-[0-9a-f]+"$/);
    assertMatch(answer.headers["last-modified"] ?? "", /^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/);
  });

  const types: Record<string, string> = {
    "a.html": "text/html; charset=utf-8",
    "a.css": "text/css; charset=utf-8",
    "a.js": "text/javascript; charset=utf-8",
    "a.MJS": "text/javascript; charset=utf-8",
    "a.json": "application/json",
    "a.svg": "image/svg+xml; charset=utf-8",
    "a.min.js.map": "application/json",
    "a.woff2": "font/woff2",
    "a.md": "text/markdown; charset=utf-8",
    "a.wasm": "application/wasm",
    "a.wav": "audio/wav",
    "a.unheard-of": "application/octet-stream",
    "LICENSE": "application/octet-stream",
  };
  test("has the type that its name says", async () => {
    await using served = await Served.open();
    for (const [name, type] of Object.entries(types)) {
      served.dir.file(`public/${name}`, "x");
      const { headers } = await served.get(`/static/${name}`);
      assertEquals([name, headers["content-type"]], [name, type]);
      // Bun adds one without a type, for a download.
      assert(["inline", undefined].includes(headers["content-disposition"]));
    }
  });

  const names = [
    "a b.txt",
    "ä€😀.txt",
    "a#b?c&d+e@2x.txt",
    "100%.txt",
    "100%25.txt",
    "%41",
    "a;b=c,d",
  ];
  for (const name of names) {
    test(`may be called ${name}`, async () => {
      await using served = await Served.open();
      served.dir.file(`public/${name}`, name);
      assertEquals((await served.get(`/static/${encodeURIComponent(name)}`)).text, name);
    });
  }

  test("is asked for with HEAD, and then not sent", async () => {
    await using served = await Served.open();
    const { headers } = await served.get("/static/a.txt");
    const head = await served.get("/static/a.txt", { method: "HEAD" });
    assertEquals([head.status, head.text], [200, ""]);
    for (const name of ["content-type", "content-length", "etag", "last-modified"]) {
      assertEquals(head.headers[name], headers[name], name);
    }
    const part = await served.get("/static/a.txt", {
      method: "HEAD",
      headers: { range: "bytes=1-" },
    });
    assertEquals([part.status, part.headers["content-length"]], [200, "10"]);
  });

  test("is not sent to whom has it", async () => {
    await using served = await Served.open();
    utimesSync(join(served.dir.path, "public/a.txt"), 1e9, 1e9);
    const { headers: { etag = "", "last-modified": date = "" } } = await served.get(
      "/static/a.txt",
    );
    assertEquals(date, "Sun, 09 Sep 2001 01:46:40 GMT");
    for (const method of ["GET", "HEAD"]) {
      const conditions: Record<string, string>[] = [
        { "if-none-match": etag },
        { "if-modified-since": date },
      ];
      for (const headers of conditions) {
        const answer = await served.get("/static/a.txt", { method, headers });
        assertEquals([answer.status, answer.text, answer.headers["etag"]], [304, "", etag]);
        assertEquals(answer.headers["content-length"], undefined);
      }
    }
    const failed = await served.get("/static/a.txt", { headers: { "if-match": '"x"' } });
    assertEquals([failed.status, failed.text], [412, ""]);
    writeFileSync(join(served.dir.path, "public/a.txt"), "changed");
    const changed = await served.get("/static/a.txt", { headers: { "if-none-match": etag } });
    assertEquals([changed.status, changed.text], [200, "changed"]);
  });

  test("is sent in parts", async () => {
    await using served = await Served.open();
    const part = (range: string, headers: Record<string, string> = {}) =>
      served.get("/static/a.txt", { headers: { range, ...headers } });
    const parts: Record<string, [number, string, string | undefined]> = {
      "bytes=2-5": [206, "2345", "bytes 2-5/10"],
      "bytes=7-": [206, "789", "bytes 7-9/10"],
      "bytes=-4": [206, "6789", "bytes 6-9/10"],
      "bytes=0-99": [206, "0123456789", "bytes 0-9/10"],
      "bytes=10-": [416, "", "bytes */10"],
      "bytes=0-1,4-5": [200, "0123456789", undefined],
      "nonsense": [200, "0123456789", undefined],
    };
    for (const [range, expected] of Object.entries(parts)) {
      const { status, text, headers } = await part(range);
      assertEquals([range, status, text, headers["content-range"]], [range, ...expected]);
      if (status === 206) assertEquals(headers["content-length"], String(text.length));
    }
    const { headers: { etag = "" } } = await served.get("/static/a.txt");
    assertEquals((await part("bytes=2-5", { "if-range": etag })).text, "2345");
    const stale = await part("bytes=2-5", { "if-range": '"x"' });
    assertEquals([stale.status, stale.text], [200, "0123456789"]);
    assertFalse("content-range" in stale.headers);
    // Of a file that changes all the time, the date says nothing.
    utimesSync(join(served.dir.path, "public/a.txt"), new Date(), Date.now() / 1000 + 3600);
    const { headers: { "last-modified": date = "" } } = await served.get("/static/a.txt");
    assertEquals((await part("bytes=2-5", { "if-range": date })).status, 200);
    utimesSync(join(served.dir.path, "public/a.txt"), 1e9, 1e9);
    const old = "Sun, 09 Sep 2001 01:46:40 GMT";
    assertEquals((await part("bytes=2-5", { "if-range": old })).status, 206);
  });

  test("is sent in parts only to whom has not all of it", async () => {
    await using served = await Served.open();
    const { headers: { etag = "" } } = await served.get("/static/a.txt");
    // A condition that says "you have it" goes before the part.
    const headers = { range: "bytes=2-5", "if-none-match": etag };
    assertEquals((await served.get("/static/a.txt", { headers })).status, 304);
  });

  test("may be empty", async () => {
    await using served = await Served.open();
    served.dir.file("public/empty.css", "");
    for (const headers of ranges("bytes=0-")) {
      const { status, headers: sent, text } = await served.get("/static/empty.css", { headers });
      assertEquals([status, sent["content-length"], text], [200, "0", ""]);
    }
  });

  test("may be large, and is closed when it is sent, or when its client is gone", async () => {
    await using served = await Served.open();
    const size = 8_000_000;
    served.dir.file("public/large.bin", "x".repeat(size));
    for (const headers of ranges("bytes=0-1,3-4")) {
      const { text } = await served.get("/static/large.bin", { headers });
      assertEquals(text === "x".repeat(size), true, `${text.length} bytes came`);
      const socket = connect(served.port, "127.0.0.1");
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`GET /static/large.bin HTTP/1.1\r\nHost: x\r\n${lines.join("")}\r\n`);
      await once(socket, "data");
      socket.destroy();
    }
    await eventually("the files to be closed", () => openFiles(served.dir.path).length === 0);
  });

  test("is served to a client that names no host", async () => {
    await using served = await Served.open();
    const { status, text } = await served.get("/static/a.txt?v=1", { version: "1.0" });
    assertEquals([status, text], [200, "0123456789"]);
  });

  test("may come and go", async () => {
    await using served = await Served.open();
    assertEquals((await served.get("/static/new.txt")).text, handled);
    const file = served.dir.file("public/new.txt", "new");
    assertEquals((await served.get("/static/new.txt")).text, "new");
    rmSync(file);
    assertEquals((await served.get("/static/new.txt")).text, handled);
  });
});

describe("a directory of --static", () => {
  test("is its index.html, and is told to end in a slash", async () => {
    await using served = await Served.open();
    const html = "text/html; charset=utf-8";
    assertEquals(gist(await served.get("/static/sub/")), [200, html, "<p>index of sub"]);
    assertEquals(gist(await served.get("/static/sub/index.html")), [200, html, "<p>index of sub"]);
    for (const method of ["GET", "HEAD"]) {
      const { status, headers } = await served.get("/static/sub?a=/b", { method });
      assertEquals([status, headers["location"]], [301, "/static/sub/?a=/b"]);
    }
    assertEquals((await served.get("/static/")).text, handled);
    served.dir.file("public/index.html", "<p>index");
    assertEquals((await served.get("/static/")).text, "<p>index");
  });

  test("without one is the handler's", async () => {
    await using served = await Served.open();
    served.dir.file("public/bare/a.txt", "");
    served.dir.file("public/odd/index.html/a.txt", "");
    for (const path of ["bare", "bare/", "odd", "odd/", "odd/index.html"]) {
      assertEquals((await served.get(`/static/${path}`)).text, handled);
    }
    assertEquals((await served.get("/static")).text, handled);
  });

  test("is told to end in a slash by a path of this server, whatever was asked", async () => {
    await using served = await Served.open((dir) => ({ static: [`/=${dir.path}/public`] }));
    served.dir.file("public/ä b/index.html", "");
    for (const path of ["/%C3%A4%20b", "/ä%20b"]) {
      const { status, headers } = await served.get(path);
      assertEquals([status, headers["location"]], [301, "/%C3%A4%20b/"]);
    }
    const { headers } = await served.get("/sub", { version: "1.0" });
    assertEquals(headers["location"], "/sub/");
    for (const path of ["//sub", "//example.com/sub", "/\\example.com/sub"]) {
      assertEquals((await served.get(path)).headers["location"], undefined);
    }
  });
});

describe("the handler", () => {
  test("gets everything that is no GET or HEAD of a file", async () => {
    const seen: string[] = [];
    const handler = (request: Request) => {
      seen.push(`${request.method} ${new URL(request.url).pathname}`);
      return new Response(handled);
    };
    await using served = await Served.open(undefined, handler);
    const asked: [string, string][] = [
      ["POST", "/static/a.txt"],
      ["PUT", "/static/a.txt"],
      ["OPTIONS", "/static/a.txt"],
      ["GET", "/static/missing"],
      ["HEAD", "/static/missing"],
      ["GET", "/static"],
      ["GET", "/statica.txt"],
      ["GET", "/a.txt"],
      ["GET", "/Static/a.txt"],
      ["GET", "/"],
    ];
    for (const [method, path] of asked) {
      const { status, text } = await served.get(path, { method });
      assertEquals([status, text], [200, method === "HEAD" ? "" : handled]);
    }
    assertEquals(seen, asked.map((each) => each.join(" ")));
    assertEquals((await served.get("/static/a.txt")).text, "0123456789");
    assertEquals(seen.length, asked.length);
  });

  test("gets what the runtime gives it, and may answer as it likes", async () => {
    const handler = async (request: Request, info: unknown) => {
      const address = runtime.remoteAddress(request, info);
      await Promise.resolve();
      if (request.url.endsWith("throw")) throw new Error("secret");
      return new Response(address, { status: 418 });
    };
    await using served = await Served.open(undefined, handler);
    const { status, text } = await served.get("/static/missing");
    assertEquals([status, text], [418, "127.0.0.1"]);
    assertEquals((await served.get("/static/throw")).status, 500);
  });

  test("comes after the files also in Bun's routes", { skip: runtime.name !== "bun" }, async () => {
    const routes = {
      "/static/*": () => new Response("a route"),
      "/static/a.txt": { POST: () => new Response("a method"), GET: new Response("prepared") },
      "/other": new Response("elsewhere"),
    };
    const handler = { routes, fetch: () => new Response(handled) };
    await using served = await Served.open(undefined, handler);
    assertEquals((await served.get("/static/a.txt")).text, "0123456789");
    assertEquals((await served.get("/static/a.txt", { method: "POST" })).text, "a method");
    assertEquals((await served.get("/static/missing")).text, "a route");
    assertEquals((await served.get("/other")).text, "elsewhere");
    assertEquals((await served.get("/")).text, handled);
  });
});

describe("several directories", () => {
  test("are asked from the longest prefix to the shortest", async () => {
    await using served = await Served.open((dir) => ({
      static: [`/=${dir.path}/public`, `/sub/=${dir.path}/more`, `/x/=${dir.path}/x`],
    }));
    served.dir.file("more/b.html", "<p>more");
    served.dir.file("public/x/only.txt", "only");
    const texts = async (...paths: string[]) =>
      await Promise.all(paths.map(async (path) => (await served.get(path)).text));
    assertEquals(
      await texts("/a.txt", "/sub/b.html", "/sub/", "/x/only.txt", "/x/none"),
      ["0123456789", "<p>more", "<p>index of sub", "only", handled],
    );
  });
});

describe("what --static serves", () => {
  test("is counted as everything is, and asks the client to go while draining", async () => {
    await using served = await Served.open();
    await served.get("/static/a.txt");
    await served.get("/static/a.txt", { headers: { range: "bytes=0-3" } });
    await served.get("/static/missing", { method: "POST" });
    const { inFlight, requests } = served.app.snapshot();
    const counts = requests.durations.map(({ method, status, buckets }) =>
      `${method} ${status} ${buckets.reduce((sum, count) => sum + count)}`
    );
    assertEquals([inFlight, counts], [0, ["GET 200 1", "GET 206 1", "POST 200 1"]]);
    assertEquals(requests.bodySizes.sum, 14);
    served.app.drain();
    const { headers, text } = await served.get("/static/a.txt", {
      headers: { connection: "keep-alive" },
    });
    assertEquals([headers["connection"], text], ["close", "0123456789"]);
  });

  test("is refused beyond --max-inflight", async () => {
    const gate = Promise.withResolvers<Response>();
    const asked = Promise.withResolvers<void>();
    const handler = () => (asked.resolve(), gate.promise);
    await using served = await Served.open(() => ({ maxInflight: 1 }), handler);
    const held = served.get("/");
    await asked.promise;
    assertEquals((await served.get("/static/a.txt")).status, 503);
    gate.resolve(new Response(handled));
    assertEquals((await held).text, handled);
    assertEquals((await served.get("/static/a.txt")).status, 200);
  });
});
