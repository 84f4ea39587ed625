import { describe, test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { AccessLog } from "../../src/app/access_log.ts";
import { runScript } from "../support/script.ts";
import { appOptions } from "../support/workers.ts";

const script = new URL("access_log_process.ts", import.meta.url);

function parsed(lines: string): Record<string, unknown>[] {
  return lines.trimEnd().split("\n").map((line) => JSON.parse(line));
}

describe("AccessLog", () => {
  test("writes a JSON line for each request", async () => {
    const { code, stdout, stderr } = await runScript(script, "json", "1");
    assertEquals([code, stdout], [0, ""]);
    const records = parsed(stderr);
    for (const { time } of records) assertMatch(String(time), /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/);
    const shared = { level: "info", part: "access" };
    assertEquals(records.map(({ time: _any, ...rest }) => rest), [
      {
        ...shared,
        message: "GET /a/0?q=//x 200",
        method: "GET",
        path: "/a/0?q=//x",
        status: 200,
        duration_ms: 1.234,
        client: "10.0.0.1",
      },
      { ...shared, message: "PUT / 503", method: "PUT", path: "/", status: 503, duration_ms: 0 },
    ]);
  });

  test("writes JSON, whatever is in a path", async () => {
    const { stderr } = await runScript(script, "json", "0", "odd");
    const path = '/"\\\u0000\u007f\u2028ü';
    const [record] = parsed(stderr);
    assertEquals([record?.["path"], record?.["message"]], [path, `GET ${path} 200`]);
  });

  test("writes no line that a pipe does not take whole, and says what is cut", async () => {
    const { stderr } = await runScript(script, "json", "0", "long");
    for (const line of stderr.trimEnd().split("\n")) assert(Buffer.byteLength(line) < 4096);
    const paths = parsed(stderr).map(({ path }) => String(path));
    assertMatch(paths[0] ?? "", /^\/x{1000,}… \[\d+ more characters\]$/);
    assertMatch(paths[1] ?? "", /^\/"{100,}… /);
    assertMatch(paths[2] ?? "", /^\/(\ufffdü){100,}/);
  });

  test("writes the whole path of a request without a Host", async () => {
    const { stderr } = await runScript(script, "json", "0", "odd");
    const [, record] = parsed(stderr);
    assertEquals(record?.["path"], "/a/b?u=http://h/p");
  });

  test("writes readable lines", async () => {
    const { stderr } = await runScript(script, "pretty", "1");
    const plain = stderr.replace(/^[\d:]{8}/gm, "TIME");
    assertEquals(plain, "TIME 200 GET /a/0?q=//x 1.234ms\nTIME 503 PUT / 0ms\n");
  });

  for (const exit of ["", "exit"]) {
    test(`loses nothing of one turn${exit === "" ? "" : ", nor at the exit in it"}`, async () => {
      const { stderr } = await runScript(script, "json", "1000", exit);
      const paths = parsed(stderr).map(({ path }) => path);
      assertEquals(paths, [...Array.from({ length: 1000 }, (_, n) => `/a/${n}?q=//x`), "/"]);
    });
  }

  test("has of a request what a field follows from, and nothing else", async () => {
    const looks = async (
      accessLogFields: string,
      { trustedProxy = [], logFormat = "json" }: {
        trustedProxy?: string[];
        logFormat?: "json" | "pretty";
      } = {},
    ): Promise<string> => {
      const options = { ...appOptions, accessLog: true, accessLogFields, trustedProxy, logFormat };
      const log = await AccessLog.open(options);
      assert(log !== undefined);
      const { callerOf, wantsPeer, wantsBytes } = log;
      log.close();
      return [
        ...(callerOf === undefined ? [] : ["head"]),
        ...(wantsPeer ? ["peer"] : []),
        ...(wantsBytes ? ["length"] : []),
      ].join(" ");
    };
    const usual = "method,path,status,duration,client";
    const [trustedProxy, logFormat] = [["10.0.0.0/8"], "pretty"] as const;
    assertEquals(
      [
        await looks(usual),
        await looks(usual, { logFormat }),
        await looks(usual, { trustedProxy: [...trustedProxy] }),
        await looks("method,path,status,duration"),
        await looks("client,path,bytes"),
        await looks("client,path", { logFormat }),
        await looks("path,request_id"),
        await looks("client,host"),
      ],
      ["peer", "", "head peer", "", "peer length", "head peer", "head", "head peer"],
    );
  });
});
