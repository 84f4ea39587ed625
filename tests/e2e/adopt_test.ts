import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertNotMatch, assertStringIncludes } from "@std/assert";
import { freePort } from "../support/free_port.ts";
import { request } from "../support/http.ts";
import { form, launch, runtime, serve } from "../support/hurricane.ts";
import { eventually } from "../support/wait.ts";

/** A server of `node:http`, and one of the runtime's own, that say hello and tell their port. */
const ways: Record<string, { opener: string; source(port: string): string }> = {
  "http.createServer": {
    opener: "http.Server",
    source: (port) =>
      `import http from "node:http";
      const server = http.createServer((req, res) => res.end("hello"));
      server.listen(${port}, () => console.log("port " + server.address().port));`,
  },
  "the runtime's own server": runtime === "bun"
    ? {
      opener: "Bun.serve",
      source: (port) =>
        `const server = Bun.serve({ port: ${port}, fetch: () => new Response("hello") });
        console.log("port " + server.port);`,
    }
    : {
      opener: "Deno.serve",
      source: (port) =>
        `Deno.serve({ port: Number(${port}), onListen: (a) => console.log("port " + a.port) },
        () => new Response("hello"));`,
    },
};

/** The same, but its answer is the port that it knows when it is asked. */
function told(source: string): string {
  return source.replace(/^(\s*)(Deno\.serve)/, "$1const server = $2").replace(
    /\("hello"\)/,
    `(String((server.addr ?? (typeof server.address === "function" ? server.address() : server)).port))`,
  );
}

describe(`adopted servers (${form})`, () => {
  for (const [way, { opener, source }] of Object.entries(ways)) {
    test(`${way}: it listens where Hurricane does, and not where it asked to`, async () => {
      const port = await freePort();
      await using hurricane = await serve(source(String(port)), { name: "server.ts" });
      assertEquals((await hurricane.get()).text, "hello");
      await hurricane.logged(
        new RegExp(`^the handler's ${opener} is adopted; port ${port} gives way to --port 0$`),
      );
      await request(`http://127.0.0.1:${port}/`).then(
        () => Promise.reject(new Error(`somebody answers at port ${port}`)),
        () => {},
      );
      assertEquals(await hurricane.stop(), 0);
    });

    test(`${way}: the variable PORT is Hurricane's port`, async () => {
      const port = await freePort();
      await using hurricane = await serve(source("process.env.PORT"), {
        name: "server.ts",
        args: [`--port=${port}`],
      });
      assertEquals((await hurricane.get()).text, "hello");
      await hurricane.printed(`port ${port}`);
      await hurricane.logged(new RegExp(`^the handler's ${opener} is adopted$`));
      assertEquals(await hurricane.stop(), 0);
    });

    test(`${way}: opened when the import is over`, async () => {
      await using hurricane = await serve(
        `const start = async () => {
          await new Promise((resolve) => setTimeout(resolve, 200));
          ${source("3000").replace(/^import http.*$/m, "const http = await import('node:http');")}
        };
        start();`,
        { name: "server.ts" },
      );
      assertEquals((await hurricane.get()).text, "hello");
      assertEquals(await hurricane.stop(), 0);
    });

    test(`${way}: two workers and their successors have it`, async () => {
      await using hurricane = await serve(source("process.env.PORT ?? 3000"), {
        name: "server.ts",
        args: ["--workers=2"],
      });
      assertEquals((await hurricane.get()).text, "hello");
      hurricane.signal("SIGHUP");
      await hurricane.logged(/^all processes of the handler are replaced$/);
      assertEquals((await hurricane.get()).text, "hello");
      assertEquals(await hurricane.stop(), 0);
    });

    test(`${way}: what it prints with --watch is where clients are`, async () => {
      const port = await freePort();
      await using hurricane = await serve(told(source("3000")), {
        name: "server.ts",
        args: ["--watch", `--port=${port}`],
      });
      await hurricane.printed(`port ${port}`);
      assertEquals((await hurricane.get()).text, `${port}`);
      assertEquals(await hurricane.stop(), 0);
    });

    test(`${way}: an edit is served with --watch`, async () => {
      await using hurricane = await serve(source("3000"), { name: "server.ts", args: ["--watch"] });
      assertEquals((await hurricane.get()).text, "hello");
      writeFileSync(join(hurricane.dir, "server.ts"), source("3000").replace("hello", "edited"));
      await eventually("the edit", async () => (await hurricane.get()).text === "edited");
      assertEquals(await hurricane.stop(), 0);
    });
  }

  test("a handler that awaits its own listen is served", async () => {
    await using hurricane = await serve(
      `import http from "node:http";
      const server = http.createServer((req, res) => res.end("awaited"));
      await new Promise((resolve) => server.listen(3000, resolve));
      console.log("listens " + server.listening);
      export const checks = { readiness: { mine() { throw new Error("not mine"); } } };`,
      { name: "server.ts" },
    );
    assertEquals((await hurricane.get()).text, "awaited");
    await hurricane.printed("listens true");
    const { text } = await hurricane.probeUntil("/ready", 500);
    assertStringIncludes(text, "mine");
    assertEquals(await hurricane.stop(), 0);
  });

  test("what a module exports long after its server listens holds as well", async () => {
    await using hurricane = await serve(
      `import http from "node:http";
      const server = http.createServer((req, res) => res.end("x"));
      await new Promise((resolve) => server.listen(process.env.PORT, resolve));
      await new Promise((resolve) => setTimeout(resolve, 1000));
      export const checks = { readiness: { mine() { throw new Error("not mine"); } } };`,
      { name: "server.mjs", args: [`--port=${await freePort()}`] },
    );
    await hurricane.probeUntil("/ready", 500);
    assertEquals(await hurricane.stop(), 0);
  });

  test("what a module promises by default is its handler", async () => {
    const sources = [
      `export default Promise.resolve({ fetch: () => new Response("promised") });`,
      `import http from "node:http";
      const main = async () => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        http.createServer((req, res) => res.end("promised")).listen(3000);
      };
      export default main();`,
    ];
    for (const source of sources) {
      await using hurricane = await serve(source, { name: "server.mjs" });
      assertEquals((await hurricane.get()).text, "promised");
      assertEquals(await hurricane.stop(), 0);
    }
  });

  test("a program that looks whether it is the one that was started is that", async () => {
    await using hurricane = await serve(
      `import http from "node:http";
      import { fileURLToPath } from "node:url";
      if (process.argv[1] === fileURLToPath(import.meta.url)) {
        http.createServer((req, res) => res.end("main")).listen(3000);
      }`,
      { name: "server.mjs" },
    );
    assertEquals((await hurricane.get()).text, "main");
    assertEquals(await hurricane.stop(), 0);
  });

  test("CommonJS is known by its package.json", async () => {
    await using hurricane = await serve(
      `const http = require("http");
      http.createServer((req, res) => res.end("required")).listen(3000);`,
      { name: "server.js", files: { "package.json": `{"type":"commonjs"}` } },
    );
    assertEquals((await hurricane.get()).text, "required");
    assertEquals(await hurricane.stop(), 0);
  });

  test("an import that fails after its server listens ends the process", async () => {
    await using hurricane = launch(
      `import http from "node:http";
      const server = http.createServer((req, res) => res.end("awaited"));
      await new Promise((resolve) => server.listen(3000, resolve));
      throw new Error("after listening");`,
      { name: "server.ts" },
    );
    assertEquals((await hurricane.exited).code, 1);
    await hurricane.logged(/after listening/);
  });

  const instrumented: Record<string, [source: string, files: Record<string, string>]> = {
    "handler.mjs": [`import "./instrument.mjs"; import "./server.mjs";`, {
      "instrument.mjs": "globalThis.instrumented = true;",
      "server.mjs": `import http from "node:http";
        const answer = String(globalThis.instrumented);
        http.createServer((req, res) => res.end(answer)).listen(3000);`,
    }],
    "handler.cjs": [`require("./instrument.cjs"); require("./server.cjs");`, {
      "instrument.cjs": `const http = require("http"), { createServer } = http;
        http.createServer = (answer) =>
          createServer((req, res) => answer(Object.assign(req, { seen: true }), res));`,
      "server.cjs":
        `require("http").createServer((req, res) => res.end(String(req.seen))).listen(3000);`,
    }],
    "arguments.mjs": [`process.argv.push("--say", "true"); await import("./server.mjs");`, {
      "server.mjs": `import http from "node:http";
        const answer = process.argv.at(process.argv.indexOf("--say") + 1);
        http.createServer((req, res) => res.end(answer)).listen(3000);`,
    }],
  };
  for (const [name, [source, files]] of Object.entries(instrumented)) {
    test(`${name}: what a server needs before it is imported comes before it`, async () => {
      await using hurricane = await serve(source, { name, files });
      assertEquals((await hurricane.get()).text, "true");
      assertEquals(await hurricane.stop(), 0);
    });
  }

  describe("of several servers", () => {
    const two = (first: string, second: string) =>
      `import http from "node:http";
      http.createServer((req, res) => res.end("metrics")).listen(${first}, "127.0.0.1");
      http.createServer((req, res) => res.end("app")).listen(${second});`;

    test("the one that asks for PORT is adopted, and the other listens where it asked to", async () => {
      const [port, metrics] = [await freePort(), await freePort()];
      await using hurricane = await serve(two(String(metrics), "process.env.PORT"), {
        args: [`--port=${port}`],
      });
      assertEquals((await hurricane.get()).text, "app");
      assertEquals((await request(`http://127.0.0.1:${metrics}/`)).text, "metrics");
      await hurricane.logged(
        new RegExp(
          `^the handler also opens http.Server on port ${metrics} of 127.0.0.1, which is left as it is$`,
        ),
      );
      assertEquals(await hurricane.stop(), 0);
    });

    test("another one that cannot listen is told of without a stack of Hurricane's", async () => {
      const [port, taken] = [await freePort(), await freePort()];
      const other = createServer().listen(taken, "127.0.0.1");
      await once(other, "listening");
      try {
        await using hurricane = launch(two(String(taken), "process.env.PORT"), {
          args: [`--port=${port}`],
        });
        const { code } = await hurricane.exited;
        assertEquals(code, 1);
        const what =
          `the handler's http.Server cannot listen on port ${taken} of 127.0.0.1: it is taken`;
        await hurricane.logged(new RegExp(`^cannot start: ${what}`));
        assertEquals(hurricane.log.items.filter(({ level }) => level === "error").length, 1);
        assertNotMatch(hurricane.stderr.items.join("\n"), /node_servers|adoption\.ts/);
      } finally {
        other.close();
      }
    });

    test("what another one does where it cannot listen is the handler's business", async () => {
      const [port, taken] = [await freePort(), await freePort()];
      const other = createServer().listen(taken, "127.0.0.1");
      await once(other, "listening");
      try {
        await using hurricane = await serve(
          `import http from "node:http";
          http.createServer().on("error", ({ code }) => console.log("metrics: " + code))
            .listen(${taken}, "127.0.0.1");
          http.createServer((req, res) => res.end("app")).listen(process.env.PORT);`,
          { args: [`--port=${port}`] },
        );
        await hurricane.printed("metrics: EADDRINUSE");
        assertEquals((await hurricane.get()).text, "app");
        assertEquals(await hurricane.stop(), 0);
      } finally {
        other.close();
      }
    });

    test("the first is adopted where none asks for PORT", async () => {
      const [first, second] = [await freePort(), await freePort()];
      await using hurricane = await serve(two(String(first), String(second)));
      assertEquals((await hurricane.get()).text, "metrics");
      assertEquals((await request(`http://127.0.0.1:${second}/`)).text, "app");
      assertEquals(await hurricane.stop(), 0);
    });

    test("one that is closed again was none", async () => {
      const free = await freePort();
      await using hurricane = await serve(
        `import http from "node:http";
        const trial = http.createServer((req, res) => res.end("trial")).listen(${free});
        await new Promise((resolve) => trial.close(resolve));
        http.createServer((req, res) => res.end("app")).listen(3000);`,
      );
      assertEquals((await hurricane.get()).text, "app");
      assertEquals(await hurricane.stop(), 0);
    });

    for (
      const [what, rest] of Object.entries({
        "asks for PORT":
          `http.createServer((req, res) => res.end("app")).listen(process.env.PORT);`,
        "is exported": `export default { fetch: () => new Response("app") };`,
      })
    ) {
      test(`a server that was opened long before does not stand for what ${what}`, async () => {
        const [port, admin] = [await freePort(), await freePort()];
        await using hurricane = await serve(
          `import http from "node:http";
          const admin = http.createServer((req, res) => res.end("admin"));
          await new Promise((resolve) => admin.listen(${admin}, "127.0.0.1", resolve));
          await new Promise((resolve) => setTimeout(resolve, 700));
          ${rest}`,
          { args: [`--port=${port}`], name: "server.mjs" },
        );
        assertEquals((await hurricane.get()).text, "app");
        assertEquals((await request(`http://127.0.0.1:${admin}/`)).text, "admin");
        assertEquals(await hurricane.stop(), 0);
      });
    }

    test("none shares Hurricane's own port with it", async () => {
      const port = await freePort();
      await using hurricane = await serve(
        `import http from "node:http";
        setTimeout(() => {
          http.createServer((req, res) => res.end("other")).on("error", (error) => {
            console.log(error.code);
          }).listen(${port}, "127.0.0.1");
        }, 300);
        export default { fetch: () => new Response("exported") };`,
        { args: [`--port=${port}`, "--workers=2"], name: "server.mjs" },
      );
      await hurricane.printed("EADDRINUSE");
      assertEquals((await hurricane.get()).text, "exported");
      assertEquals(await hurricane.stop(), 0);
    });

    test("--adopt-port names another one", async () => {
      const [first, second] = [await freePort(), await freePort()];
      await using hurricane = await serve(two(String(first), String(second)), {
        args: [`--adopt-port=${second}`],
      });
      assertEquals((await hurricane.get()).text, "app");
      assertEquals((await request(`http://127.0.0.1:${first}/`)).text, "metrics");
      assertEquals(await hurricane.stop(), 0);
    });

    test("those with a fixed port are replaced with their process", async () => {
      const metrics = await freePort();
      await using hurricane = await serve(two(String(metrics), "process.env.PORT ?? 3000"), {
        args: ["--workers=2", `--adopt-port=3000`],
      });
      hurricane.signal("SIGHUP");
      await hurricane.logged(/^all processes of the handler are replaced$/);
      assertEquals((await request(`http://127.0.0.1:${metrics}/`)).text, "metrics");
      assertEquals(await hurricane.stop(), 0);
    });

    test("an exported handler comes first", async () => {
      const port = await freePort();
      await using hurricane = await serve(
        `import http from "node:http";
        http.createServer((req, res) => res.end("metrics")).listen(${port}, "127.0.0.1");
        export default { fetch: () => new Response("exported") };`,
      );
      assertEquals((await hurricane.get()).text, "exported");
      assertEquals((await request(`http://127.0.0.1:${port}/`)).text, "metrics");
      assertEquals(await hurricane.stop(), 0);
    });
  });

  test("listeners for SIGTERM are called after the last request", async () => {
    await using hurricane = await serve(
      `import http from "node:http";
      import { existsSync } from "node:fs";
      const server = http.createServer(async (req, res) => {
        console.log("holding");
        while (!existsSync("release")) await new Promise((resolve) => setTimeout(resolve, 20));
        console.log("answering");
        res.end("held");
      }).listen(3000);
      process.on("SIGTERM", () => {
        console.log("SIGTERM");
        server.close(() => process.exit(143));
      });`,
      { args: ["--shutdown-timeout=60s"] },
    );
    const held = hurricane.get();
    await hurricane.printed("holding");
    hurricane.signal("SIGTERM");
    await hurricane.logged(/^draining/);
    writeFileSync(join(hurricane.dir, "release"), "");
    assertEquals((await held).text, "held");
    assertEquals((await hurricane.exited).code, 0);
    assertEquals(hurricane.stdout.items, ["holding", "answering", "SIGTERM"]);
  });

  test("a listener for SIGTERM that was taken away again is not called", async () => {
    await using hurricane = await serve(
      `import http from "node:http";
      http.createServer((req, res) => res.end("x")).listen(3000);
      const listener = () => console.log("called");
      process.on("SIGTERM", listener);
      process.off("SIGTERM", listener);
      process.once("SIGTERM", () => console.log("once"));`,
    );
    assertEquals(await hurricane.stop(), 0);
    assertEquals(hurricane.stdout.items, ["once"]);
  });

  test("an exported server that is closed is noticed", async () => {
    await using hurricane = await serve(
      `import http from "node:http";
      const server = http.createServer((req, res) => {
        if (req.url === "/close") server.close();
        if (req.url === "/stream") res.write("begun");
        else res.end(String(process.pid));
      });
      export default server;`,
      { name: "server.mjs" },
    );
    const { text: first } = await hurricane.get();
    const stream = await fetch(hurricane.url("/stream"));
    await hurricane.get("/close");
    await hurricane.logged(/the handler ended its server by close\(\); this process ends/);
    await eventually("another process", async () => {
      const { text } = await hurricane.get().catch(() => ({ text: first }));
      return text !== first;
    });
    await stream.body?.cancel().catch(() => {});
    assertEquals(await hurricane.stop(), 0);
  });

  test("listeners for SIGTERM may end what would be waited for in vain", async () => {
    await using hurricane = await serve(
      `import http from "node:http";
      const streams = new Set();
      const server = http.createServer((req, res) => {
        res.writeHead(200, { "content-type": "text/event-stream" });
        res.write("data: 1\\n\\n");
        streams.add(res);
        res.on("close", () => streams.delete(res));
      }).listen(3000);
      export function onDrain() {
        setTimeout(() => streams.size > 0 && console.log("still open"), 500);
      }
      process.on("SIGTERM", () => {
        console.log("SIGTERM");
        for (const stream of streams) stream.end();
        server.close(() => console.log("closed"));
        process.exit(0);
      });`,
      { args: ["--shutdown-timeout=6s"] },
    );
    const answer = await fetch(hurricane.url());
    hurricane.signal("SIGTERM");
    assertEquals((await hurricane.exited).code, 0);
    assertEquals(await answer.text(), "data: 1\n\n");
    assertEquals(hurricane.log.items.filter(({ level }) => level === "error"), []);
    // What streams has its time.
    assertEquals(hurricane.stdout.items, ["still open", "SIGTERM", "closed"]);
  });

  describe("default exports in the way of node:http", () => {
    const forms: Record<string, { source: string; name?: string }> = {
      "a function of req and res": {
        source: `export default (req, res) => res.end(req.method + " " + req.url);`,
        name: "handler.mjs",
      },
      "module.exports": {
        source: `module.exports = function (req, res) { res.end(req.method + " " + req.url); };`,
        name: "handler.cjs",
      },
      "an async function of req and res": {
        source: `export default async function handle(req: unknown, res: any) {
          await Promise.resolve();
          res.end((req as any).method + " " + (req as any).url);
        }`,
      },
      "a server that is exported, and told to listen later": {
        source: `import http from "node:http";
          const server = http.createServer((req, res) => res.end(req.method + " " + req.url));
          setTimeout(() => server.listen(3000, () => console.log("told")), 50);
          export default server;`,
      },
      "a server that does not listen": {
        source: `import http from "node:http";
          export default http.createServer((req, res) => res.end(req.method + " " + req.url));`,
      },
    };
    for (const [name, { source, ...options }] of Object.entries(forms)) {
      test(name, async () => {
        await using hurricane = await serve(source, options);
        assertEquals((await hurricane.get("/a?b")).text, "GET /a?b");
        assertEquals(await hurricane.stop(), 0);
      });
    }

    test("a function of request, environment and context is none", async () => {
      await using hurricane = await serve(
        `export default (request: Request, env: any, ctx: any) =>
          new Response(env.GREETING + typeof ctx.waitUntil);`,
        { env: { GREETING: "hello " } },
      );
      assertEquals((await hurricane.get()).text, "hello function");
      assertEquals(await hurricane.stop(), 0);
    });

    test("a function of request and info is none", async () => {
      await using hurricane = await serve(
        `export default (request: Request, info: unknown) => new Response(typeof info);`,
      );
      assertEquals((await hurricane.get()).text, "object");
      assertEquals(await hurricane.stop(), 0);
    });
  });

  test("a port that the handler has taken by itself is not said to be a stranger's", async () => {
    const port = await freePort();
    await using hurricane = launch(
      `import net from "node:net";
      await new Promise((resolve) => net.createServer(() => {}).listen(${port}, "127.0.0.1", resolve));
      export default { fetch: () => new Response("x") };`,
      { args: [`--port=${port}`] },
    );
    assertEquals((await hurricane.exited).code, 1);
    await hurricane.logged(
      new RegExp(`:${port}: this process listens there already`),
    );
  });

  describe("what cannot be adopted is told", () => {
    const other = runtime === "bun" ? "Deno" : "Bun";
    const cases: Record<string, { source: string; message: RegExp; name?: string }> = {
      "nothing exported, nothing opened": {
        source: `console.log("nothing");`,
        message: /it exports nothing, and opens no server; export default/,
      },
      "a server that is opened by the main module alone": {
        source: `import http from "node:http";
          if (import.meta.main) http.createServer(() => {}).listen(3000);`,
        message: /what it does only if `import\.meta\.main` is not done here/,
      },
      "a cluster": {
        source: `import cluster from "node:cluster";
          import http from "node:http";
          if (!cluster.isPrimary) http.createServer(() => {}).listen(3000);`,
        message: /for what it does with node:cluster there is --workers/,
      },
      "a Unix socket": {
        source: `import http from "node:http";
          http.createServer(() => {}).listen({ path: "./a.sock" }).unref();`,
        message: /opens only http\.Server on the Unix socket \.\/a\.sock, which cannot be adopted/,
      },
      "the other runtime's server": {
        source: `${other}.serve({ fetch: () => new Response("x") });`,
        message: new RegExp(`uses ${other}, and this is ${runtime === "bun" ? "Bun" : "Deno"}`),
      },
      "a class": {
        source: `export default class App { fetch() { return new Response("x"); } }`,
        message: /exports the class App; export an object of it: export default new App\(\)/,
      },
      "no module": {
        source: `{ "a": 1 }`,
        name: "data.json",
        message:
          /the handler \\"\.\/data\.json\\" cannot be used: it is no JavaScript or TypeScript module/,
      },
    };
    for (const [name, { source, message, ...options }] of Object.entries(cases)) {
      test(name, async () => {
        await using hurricane = launch(source, options);
        const { code } = await hurricane.exited;
        const lines = hurricane.stderr.items.join("\n");
        assertMatch(lines, message);
        assertNotMatch(lines, /NotAHandler|runAppProcess|load\.ts/);
        assertEquals(code === 0, false);
      });
    }
  });
});
