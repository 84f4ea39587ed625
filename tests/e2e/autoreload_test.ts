import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { mkdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { saying } from "../support/handlers.ts";
import { Connection } from "../support/http.ts";
import { form, type Hurricane, launch, type LaunchOptions, serve } from "../support/hurricane.ts";
import { Load } from "../support/load.ts";
import { eventually, pause } from "../support/wait.ts";
import { Wrk, wrkMissing } from "../support/wrk.ts";

/** Answers with what it imports; `/pid` with its process id, `/count` with how often it was asked. */
const importing = `
import process from "node:process";
import { text } from "./lib/text.ts";
let count = 0;
export default { async fetch(request) {
  const { pathname } = new URL(request.url);
  if (pathname === "/pid") return new Response(String(process.pid));
  if (pathname === "/count") return new Response(String(++count));
  if (pathname === "/env") return new Response(process.env.GREETING ?? "none");
  if (pathname === "/exit") process.exit(3);
  if (pathname === "/slow") {
    console.log("slow");
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  return new Response(text);
} };
`;

const textOf = (text: string) => `export const text = ${JSON.stringify(text)};\n`;

function watching(options: LaunchOptions = {}): LaunchOptions {
  const { args = [], files = {} } = options;
  return {
    ...options,
    args: ["--watch", "--shutdown-timeout", "3s", ...args],
    files: { "lib/text.ts": textOf("first"), "package.json": "{}", ...files },
  };
}

function edit(hurricane: Hurricane, file: string, content: string): void {
  writeFileSync(join(hurricane.dir, file), content);
}

/** Waits until it is served, and gives what else was served before it. */
async function served(hurricane: Hurricane, text: string): Promise<void> {
  await eventually(`"${text}" to be served`, async () => (await hurricane.get()).text === text);
}

/** How many times it has reloaded. */
function reloads({ log }: Hurricane): number {
  return log.items.filter(({ message }) => message.startsWith("reloaded ")).length;
}

describe(`hot reload (${form})`, () => {
  test("says once that commands are not run again", async () => {
    const command = "echo migrated";
    await using hurricane = await serve(
      importing,
      watching({ args: ["--command", command] }),
    );
    for (const text of ["second", "third"]) {
      edit(hurricane, "lib/text.ts", textOf(text));
      await served(hurricane, text);
      await eventually(
        "the end of the reload",
        () => reloads(hurricane) === (text === "second" ? 1 : 2),
      );
    }
    assertEquals(await hurricane.stop(), 0);
    const told = hurricane.log.items.filter(({ message }) =>
      message.startsWith("commands are not")
    );
    assertEquals(told.length, 1);
    assertEquals(hurricane.log.items.filter(({ line }) => line === "migrated").length, 1);
  });

  test("serves an edit of the handler and of what it imports, by another process", async () => {
    await using hurricane = await serve(importing, watching());
    assertEquals((await hurricane.get()).text, "first");
    const { text: pid } = await hurricane.get("/pid");
    assertEquals((await hurricane.get("/count")).text, "1");
    edit(hurricane, "lib/text.ts", textOf("second"));
    await served(hurricane, "second");
    assertMatch(
      (await hurricane.logged(/^reloaded /)).message,
      /^reloaded lib\/text\.ts in \d+ms$/,
    );
    assertFalse((await hurricane.get("/pid")).text === pid);
    assertEquals((await hurricane.get("/count")).text, "1");
    edit(hurricane, "handler.ts", saying("third"));
    await served(hurricane, "third");
    // What nobody imports any more does not count.
    edit(hurricane, "lib/text.ts", textOf("fourth"));
    edit(hurricane, "README.md", "nobody imports this");
    edit(hurricane, "handler.ts", saying("fifth"));
    await served(hurricane, "fifth");
    // It serves before the log says so.
    await eventually("the end of the reload", () => reloads(hurricane) >= 3);
    assertEquals(await hurricane.stop(), 0);
    assertEquals(reloads(hurricane), 3);
  });

  test("takes a connection that is kept open along", async () => {
    await using hurricane = await serve(importing, watching());
    using client = await Connection.open(hurricane.url());
    assertEquals((await client.get("/")).text, "first");
    edit(hurricane, "lib/text.ts", textOf("second"));
    await hurricane.logged(/^reloaded /);
    const { text, headers } = await client.get("/");
    assertEquals(text, "second");
    assertFalse(headers.connection === "close");
  });

  test("lets what is in flight finish with the old code", async () => {
    await using hurricane = await serve(importing, watching());
    const slow = hurricane.get("/slow");
    await hurricane.printed("slow");
    edit(hurricane, "lib/text.ts", textOf("second"));
    await served(hurricane, "second");
    assertEquals((await slow).text, "first");
  });

  test("loses no request, on kept connections or new ones", async () => {
    await using hurricane = await serve(importing, watching());
    await using load = new Load(hurricane.url());
    await using wrk = wrkMissing === undefined ? new Wrk(hurricane.url()) : undefined;
    if (wrkMissing !== undefined) console.log(wrkMissing);
    for (let number = 1; number <= 5; number++) {
      await load.more(30);
      edit(hurricane, "lib/text.ts", textOf(`edit ${number}`));
      await eventually(`edit ${number}`, () => load.bodies.has(`edit ${number}`));
    }
    await load.more(30);
    const report = await wrk?.stop();
    assertEquals([load.failed, report?.failed ?? 0], [0, 0], report?.text);
    // The log is written in the background: the last line may come after the answer.
    await eventually("the last reload in the log", () => reloads(hurricane) >= 5);
    assertEquals(reloads(hurricane), 5);
    // This is what a failure looks like.
    await hurricane.get("/exit").catch(() => {});
    edit(hurricane, "handler.ts", "export default 1;");
    await eventually("a failure", () => load.failed > 0);
    await load.stop();
  });

  test("keeps serving where an edit does not start, and shows where it fails", async () => {
    await using hurricane = await serve(importing, watching());
    const broken: Record<string, [string, RegExp]> = {
      "a syntax error": ["export const text = ;\n", /text\.ts:1:\d+\n/],
      "a throw": [`${textOf("x")}\nthrow new RangeError("at import");\n`, /text\.ts:3:\d+\n/],
      "a missing export": ["export const other = 1;\n", /text/],
    };
    for (const [name, [source, place]] of Object.entries(broken)) {
      hurricane.log.items.length = 0;
      edit(hurricane, "lib/text.ts", source);
      const line = await eventually(
        name,
        () => hurricane.log.items.find(({ message }) => /cannot be started/.test(message)),
      );
      assertMatch(String(line["stack"]), place);
      if (name !== "a missing export") {
        const [frame = ""] = source.split("\n").filter((text) => /;$/.test(text)).slice(-1);
        assertStringIncludes(String(line["stack"]), frame);
      }
      assertEquals((await hurricane.get()).text, "first");
      assertEquals((await hurricane.probe("/ready")).status, 200);
    }
    edit(hurricane, "lib/text.ts", textOf("mended"));
    await served(hurricane, "mended");
  });

  test("waits for an edit where the first start fails", async () => {
    await using hurricane = await launch("export default ;", watching()).probing();
    const { message } = await hurricane.logged(/^the handler cannot be started/);
    assert(message.length > 0);
    assertEquals((await hurricane.probe("/startup")).status, 400);
    edit(hurricane, "handler.ts", importing);
    await hurricane.serving();
    assertEquals((await hurricane.get()).text, "first");
    assertEquals((await hurricane.probe("/startup")).status, 200);
    assertEquals(await hurricane.stop(), 0);
  });

  test("mends an error in a file that the handler has never imported well", async () => {
    const files = { "lib/text.ts": 'export { text } from "./deep.ts";', "lib/deep.ts": "export {" };
    await using hurricane = await launch(importing, watching({ files })).probing();
    await hurricane.logged(/^the handler cannot be started/);
    edit(hurricane, "lib/deep.ts", textOf("deep"));
    await hurricane.serving();
    assertEquals((await hurricane.get()).text, "deep");
    edit(hurricane, "lib/deep.ts", textOf("deeper"));
    await served(hurricane, "deeper");
  });

  test("SIGTERM ends it while it waits for an edit", async () => {
    await using hurricane = await launch("export default ;", watching()).probing();
    await hurricane.logged(/^the handler cannot be started/);
    assertEquals(await hurricane.stop(), 143);
  });

  test("an editor's ways of saving lead to one reload each", async () => {
    await using hurricane = await serve(importing, watching());
    const path = join(hurricane.dir, "lib/text.ts");
    const ways: Record<string, (content: string) => Promise<void>> = {
      async renamed(content) {
        writeFileSync(`${path}~`, content);
        await pause(5);
        renameSync(`${path}~`, path);
      },
      async "deleted and made"(content) {
        unlinkSync(path);
        await pause(5);
        writeFileSync(path, content);
      },
      async "emptied and written"(content) {
        writeFileSync(path, "");
        await pause(5);
        writeFileSync(path, content.slice(0, 5));
        writeFileSync(path, content);
      },
      async "beside a probe"(content) {
        writeFileSync(join(hurricane.dir, "lib/4913"), "");
        rmSync(join(hurricane.dir, "lib/4913"));
        writeFileSync(path, content);
        await pause(1);
        writeFileSync(path, content);
      },
    };
    for (const [index, [way, save]] of Object.entries(ways).entries()) {
      await save(textOf(way));
      await served(hurricane, way);
      await eventually(`the reload of "${way}"`, () => reloads(hurricane) > index);
      // And no other one.
      await pause(300);
      assertEquals(reloads(hurricane), index + 1, way);
    }
    assertFalse(hurricane.log.items.some(({ level }) => level === "error"));
  });

  test("a branch switch of hundreds of files leads to one reload", async () => {
    const numbers = Array.from({ length: 300 }, (_, number) => number);
    const part = (version: number) => `export const version = ${version};\n`;
    const all = `${
      numbers.map((n) => `import { version as v${n} } from "./parts/${n}.ts";`).join("\n")
    }
      const all = new Set([${numbers.map((n) => `v${n}`).join(",")}]);
      export default { fetch: () => new Response([...all].join()) };`;
    const files = Object.fromEntries(numbers.map((n) => [`parts/${n}.ts`, part(1)]));
    await using hurricane = await serve(all, watching({ files }));
    assertEquals((await hurricane.get()).text, "1");
    for (const number of numbers) {
      edit(hurricane, `parts/${number}.ts`, part(2));
      if (number % 30 === 0) await pause(10);
    }
    await served(hurricane, "2");
    await eventually("the reload", () => reloads(hurricane) > 0);
    // And no other one.
    await pause(500);
    assertEquals(reloads(hurricane), 1);
    const { message } = await hurricane.logged(/^reloaded /);
    assertMatch(message, /^reloaded parts\/\d+\.ts and 299 more in \d+ms$/);
  });

  test("an edit of .env is served, where the runtime reads it", async () => {
    const files = { ".env": "GREETING=hello\n" };
    await using hurricane = await serve(importing, watching({ files }));
    const greeting = async () => (await hurricane.get("/env")).text;
    assertEquals(await greeting(), form === "deno" ? "none" : "hello");
    edit(hurricane, ".env", "GREETING=good evening\n");
    await hurricane.logged(/^reloaded \.env in /);
    assertEquals(await greeting(), form === "deno" ? "none" : "good evening");
  });

  test("--watch-path counts", async () => {
    const options = watching({ args: ["--watch-path", "templates"] });
    await using hurricane = await serve(
      `import { existsSync, readFileSync } from "node:fs";
      const name = "templates/page.html";
      const page = existsSync(name) ? readFileSync(name, "utf8") : "none";
      export default { fetch: () => new Response(page) };`,
      options,
    );
    assertEquals((await hurricane.get()).text, "none");
    mkdirSync(join(hurricane.dir, "templates"));
    edit(hurricane, "templates/page.html", "one");
    await served(hurricane, "one");
    edit(hurricane, "templates/page.html", "two");
    await served(hurricane, "two");
  });

  test("commands run once", async () => {
    const options = watching({ args: ["--command", "sh -c 'echo ran >> ran.txt; cat ran.txt'"] });
    await using hurricane = await serve(importing, options);
    edit(hurricane, "lib/text.ts", textOf("second"));
    await served(hurricane, "second");
    const lines = hurricane.log.items.filter(({ message }) => message === "[sh] ran");
    assertEquals(lines.length, 1);
  });

  test("a handler that crashes all the time waits for an edit as well", async () => {
    const options = watching({ args: ["--max-restarts", "1"] });
    await using hurricane = await serve(importing, options);
    const crash = () => hurricane.get("/exit").catch(() => {});
    await crash();
    await hurricane.logged(/^the handler is up again$/);
    await crash();
    await hurricane.logged(/^the handler has crashed too often, .*waiting for an edit$/);
    const { status, text } = await hurricane.get();
    assertEquals(status, 503);
    assertStringIncludes(text, "an edit is waited for");
    assertEquals((await hurricane.probe("/ready")).status, 400);
    edit(hurricane, "lib/text.ts", textOf("mended"));
    await served(hurricane, "mended");
    assertEquals((await hurricane.probe("/ready")).status, 200);
    assertEquals(await hurricane.stop(), 0);
  });

  test("an edit while a crashed handler is started again is what serves, and nothing is left", async () => {
    const slow = (text: string) => `
      import process from "node:process";
      await new Promise((resolve) => setTimeout(resolve, 1500));
      export default { fetch({ url }) {
        if (url.endsWith("/exit")) process.exit(3);
        return new Response("${text}");
      } };`;
    await using hurricane = await serve(slow("old"), watching());
    await hurricane.get("/exit").catch(() => {});
    await hurricane.logged(/exited with code 3/);
    await pause(300);
    edit(hurricane, "handler.ts", saying("new"));
    await served(hurricane, "new");
    // Longer than the old one takes to start.
    await pause(2000);
    assertEquals((await hurricane.get()).text, "new");
    assertEquals(hurricane.children().length, 1);
    assertEquals(await hurricane.stop(), 0);
  });

  test("an edit ends a start that hangs, and SIGHUP starts the code anew", async () => {
    await using hurricane = await serve(importing, watching());
    const { text: pid } = await hurricane.get("/pid");
    edit(hurricane, "lib/text.ts", `await new Promise(() => setInterval(() => {}, 1e6));`);
    hurricane.signal("SIGHUP");
    await pause(300);
    edit(hurricane, "lib/text.ts", textOf("mended"));
    await served(hurricane, "mended");
    const before = reloads(hurricane);
    hurricane.signal("SIGHUP");
    await eventually("another reload", () => reloads(hurricane) > before);
    assertFalse((await hurricane.get("/pid")).text === pid);
    await eventually("one process", () => hurricane.children().length === 1);
  });

  test("WebSockets go through, and are closed with 1001 when the code changes", async () => {
    const handler = form === "deno"
      ? `export default { fetch(request) {
          const { socket, response } = Deno.upgradeWebSocket(request);
          socket.onmessage = ({ data }) => socket.send("echo " + data);
          return response;
        } };`
      : `export default {
          fetch: (request, server) => server.upgrade(request) ? undefined : new Response("x"),
          websocket: { message: (socket, data) => void socket.send("echo " + data) },
        };`;
    await using hurricane = await serve(handler, watching());
    const socket = new WebSocket(hurricane.url().replace("http", "ws"));
    const [said, closed] = [Promise.withResolvers<string>(), Promise.withResolvers<number>()];
    socket.onopen = () => socket.send("hello");
    socket.onmessage = ({ data }) => said.resolve(data);
    socket.onclose = ({ code }) => closed.resolve(code);
    assertEquals(await said.promise, "echo hello");
    edit(hurricane, "handler.ts", saying("second"));
    assertEquals(await closed.promise, 1001);
    await served(hurricane, "second");
  });
});
