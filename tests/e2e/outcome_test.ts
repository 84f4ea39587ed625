import { describe, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { form, type Hurricane, runtime, serve } from "../support/hurricane.ts";
import { eventually } from "../support/wait.ts";

/** How many requests the metrics have of each status. */
async function counted(hurricane: Hurricane): Promise<Record<string, number>> {
  const { text } = await hurricane.probe("/metrics");
  const rows = text.matchAll(
    /^http_server_request_duration_seconds_count\{.*status_code="(\d+)".*\} (\d+)$/gm,
  );
  const counts: Record<string, number> = {};
  for (const [, status = "", count] of rows) counts[status] = (counts[status] ?? 0) + Number(count);
  return counts;
}

/** The status that the access log has for a path. */
async function logged(hurricane: Hurricane, path: string): Promise<number> {
  const line = await hurricane.log.until(
    `${path} in the access log`,
    (line) => line.part === "access" && line["path"] === path,
  );
  return Number(line["status"]);
}

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

  test("is an error's to whoever wraps the server, and once in the log", async () => {
    await using hurricane = await serve(reporter + spoilt);
    for (const path of ["/throw", "/reject"]) {
      assertEquals((await hurricane.get(path)).text, "Internal Server Error\n");
    }
    assertEquals(hurricane.stdout.items, ["reported secret", "reported secret"]);
    const lines = hurricane.log.items.filter(({ message }) => /secret/.test(message));
    assertEquals(lines.map(({ message }) => message), [
      "GET /throw failed: Error: secret",
      "GET /reject failed: Error: secret",
    ]);
    assertEquals(hurricane.stderr.items.length, hurricane.log.items.length);
    assertEquals(await counted(hurricane), { "500": 2 });
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
