import { describe, test } from "node:test";
import { assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import {
  accepted,
  bunClass,
  bunSocket,
  denoClass,
  denoSocket,
  echo,
  framework,
  obliging,
  routes,
} from "../support/handlers.ts";
import { form, runtime, serve } from "../support/hurricane.ts";

describe(`handlers (${form})`, () => {
  for (const [name, { source, ...options }] of Object.entries(accepted)) {
    test(`accepts ${name}`, async () => {
      await using hurricane = await serve(source, options);
      const { status, text } = await hurricane.get();
      assertEquals({ status, text }, { status: 200, text: "GET" });
      assertEquals(await hurricane.stop(), 0);
    });
  }

  // Hurricane has a hono of its own, and no greeting.
  for (const name of ["greeting", "hono"]) {
    test(`imports "${name}" from its own node_modules`, async () => {
      const folder = `node_modules/${name}`;
      await using hurricane = await serve(
        `import { text } from "${name}"; export default { fetch: () => new Response(text) };`,
        {
          files: {
            [`${folder}/package.json`]: `{"name":"${name}","version":"1.0.0","type":"module",
              "main":"index.js"}`,
            [`${folder}/index.js`]: `export const text = "the handler's own";`,
            "package.json": `{"dependencies":{"${name}":"1.0.0"}}`,
          },
        },
      );
      assertEquals((await hurricane.get()).text, "the handler's own");
    });
  }

  test("gets as info what the runtime itself would pass", async () => {
    const address = runtime === "bun"
      ? `(request, server) => new Response(server.requestIP(request).address)`
      : `(_, info) => new Response(info.remoteAddr.hostname)`;
    await using hurricane = await serve(`export default { fetch: ${address} };`, {
      name: "handler.js",
    });
    assertMatch((await hurricane.get()).text, /127\.0\.0\.1$/);
  });

  test("has its port and hostname overruled, and the log says so", async () => {
    await using hurricane = await serve(
      `export default { port: 1, hostname: "192.0.2.1", fetch: () => new Response("here") };`,
    );
    assertEquals((await hurricane.get()).text, "here");
    await hurricane.logged(/port 1 gives way to --port/);
    await hurricane.logged(/hostname 192\.0\.2\.1 gives way to --host/);
  });

  test("receives the body and answers with status, headers and a streamed body", async () => {
    await using hurricane = await serve(echo);
    const body = "ä".repeat(100_000);
    const answer = await hurricane.get("/", { method: "POST", body });
    assertEquals([answer.status, answer.headers["x-answer"]], [201, "yes"]);
    assertEquals(answer.text === body, true, "the body came back changed");
  });

  for (const path of ["/throw", "/reject"]) {
    test(`may fail: ${path} answers 500 without a stack and is logged with it`, async () => {
      await using hurricane = await serve(obliging);
      const { status, headers, text } = await hurricane.get(path);
      assertEquals(status, 500);
      assertMatch(headers["content-type"] ?? "", /^text\/plain/);
      assertFalse(/secret|handler\.ts| at /.test(text), text);
      const line = await hurricane.log.until(
        "the error in the log",
        (line) => JSON.stringify(line).includes("secret of the"),
      );
      assertEquals(line.level, "error");
      assertStringIncludes(String(line["stack"]), "handler.ts");
      assertEquals((await hurricane.get()).text, "hello");
      assertEquals(await hurricane.stop(), 0);
    });
  }

  test("writes to standard output; the log goes to standard error", async () => {
    await using hurricane = await serve(
      `console.log("out"); console.error("err");
      export default { fetch: () => new Response("") };`,
    );
    await hurricane.stop();
    assertEquals(hurricane.stdout.items, ["out"]);
    assertEquals(hurricane.stderr.items.filter((line) => !line.startsWith("{")), ["err"]);
  });

  test("keeps a WebSocket of its runtime", async () => {
    const source = runtime === "bun" ? bunSocket : denoSocket;
    await using hurricane = await serve(source, { name: "handler.js" });
    const socket = new WebSocket(hurricane.url().replace("http", "ws"));
    const echo = new Promise((resolve, reject) => {
      socket.onopen = () => socket.send("hi");
      socket.onmessage = ({ data }) => resolve(data);
      socket.onerror = () => reject(new Error("the WebSocket failed"));
    });
    assertEquals(await echo, "echo hi");
    // An open WebSocket has been answered: it is not in the queue.
    const readiness = await hurricane.probe("/ready", { headers: { accept: "application/json" } });
    assertEquals(JSON.parse(readiness.text).queue.length, 0);
    socket.close();
  });

  test("keeps what a class has for its runtime's server", async () => {
    const source = runtime === "bun" ? bunClass : denoClass;
    await using hurricane = await serve(source, { name: "handler.js" });
    if (runtime === "deno") return void await hurricane.printed("listens");
    assertEquals((await hurricane.get("/route")).text, "route");
    assertEquals((await hurricane.get("/other")).text, "error thrown");
    const socket = new WebSocket(hurricane.url().replace("http", "ws"));
    const echo = new Promise((resolve, reject) => {
      socket.onopen = () => socket.send("hi");
      socket.onmessage = ({ data }) => resolve(data);
      socket.onerror = () => reject(new Error("the WebSocket failed"));
    });
    assertEquals(await echo, "echo hi");
    socket.close();
  });

  test("leaves alone what a framework's class has under the same names", async () => {
    await using hurricane = await serve(framework);
    assertEquals((await hurricane.get()).status, 500);
    const line = await hurricane.logged(/the handler's/);
    assertEquals(line.level, "error");
    assertFalse(hurricane.log.items.some(({ message }) => message.includes("called with")));
  });

  test("keeps the routes of a Bun server, and they are counted", {
    skip: runtime !== "bun" && "routes are Bun's",
  }, async () => {
    await using hurricane = await serve(routes);
    const texts = [];
    for (const path of ["/static", "/user/7", "/other"]) {
      texts.push((await hurricane.get(path)).text);
    }
    assertEquals(texts, ["route", "7", "fetch"]);
    const metrics = (await hurricane.probe("/metrics")).text;
    assertMatch(metrics, /^http_server_request_duration_seconds_count\{.*\} 3$/m);
  });
});
