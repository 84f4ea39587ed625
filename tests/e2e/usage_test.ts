import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { saying } from "../support/handlers.ts";
import { form, type Hurricane, launch, run, runtime, serve } from "../support/hurricane.ts";

async function ended(hurricane: Hurricane) {
  const { code } = await hurricane.exited;
  return { code, out: hurricane.stdout.items, err: hurricane.stderr.items };
}

describe(`command line (${form})`, () => {
  const wrong: Record<string, string[]> = {
    "--prot 1": ["--prot", "--port"],
    "--port seventy": ["--port", "seventy"],
    "--port 70000": ["--port", "70000"],
    "--port": ["--port"],
    "--req-queue-len=-1": ["--req-queue-len", "-1"],
    "--check-timeout 5": ["--check-timeout", "5", "5s"],
    "--webhook-url ftp://ops": ["--webhook-url", "ftp"],
    ...(runtime === "deno" && {
      "--webhook-url http://127.0.0.1:10080": ["--webhook-url", "10080", "Deno's fetch blocks"],
    }),
    "--webhook-secret short": ["--webhook-secret"],
    "--log-format xml": ["--log-format", "xml", "json"],
    "--startup-probe /a --liveness-probe a/": ["--startup-probe", "--liveness-probe", "/a"],
    "--static nowhere": ["--static", "nowhere", "no directory"],
    "--static handler.ts": ["--static", "handler.ts", "is no directory"],
    "--static assets=.": ["--static", "assets", "begins and ends with a slash"],
    "--static . --static /static/=..": ["--static", "/static/"],
    "--max-inflight 0": ["--max-inflight", "0"],
    "--metrics /ready": ["--metrics", "/ready"],
    "--workers none": ["--workers", "none", "auto"],
    "another.ts": ["another.ts"],
  };
  for (const [args, fragments] of Object.entries(wrong)) {
    test(`serve ${args}: exit 2 and one line that helps`, async () => {
      await using hurricane = launch(saying("hello"), { args: args.split(" ") });
      const { code, out, err } = await ended(hurricane);
      assertEquals([code, out, err.length], [2, [], 1], JSON.stringify(err));
      for (const fragment of fragments) assertStringIncludes(err[0] ?? "", fragment);
    });
  }

  const others: Record<string, { args: string[]; env?: Record<string, string>; names: string }> = {
    "a missing handler file": { args: ["serve", "./nowhere.ts"], names: "./nowhere.ts" },
    "no handler": { args: ["serve"], names: "handler" },
    "an unknown command": { args: ["sevre", "x.ts"], names: "serve" },
    "a wrong variable": {
      args: ["serve", "./nowhere.ts"],
      env: { HURRICANE_REQ_QUEUE_LEN: "many" },
      names: "HURRICANE_REQ_QUEUE_LEN",
    },
  };
  for (const [name, { args, env, names }] of Object.entries(others)) {
    test(`${name}: exit 2 and one line that helps`, async () => {
      await using hurricane = run(args, env);
      const { code, out, err } = await ended(hurricane);
      assertEquals([code, out, err.length], [2, [], 1], JSON.stringify(err));
      assertStringIncludes(err[0] ?? "", names);
    });
  }

  test("--help and --version go to standard output and exit 0", async () => {
    await using version = run(["--version"]);
    const { code, out, err } = await ended(version);
    assertEquals([code, err], [0, []]);
    assertMatch(out.join("\n"), /\d+\.\d+\.\d+/);
    for (const args of [["--help"], ["serve", "--help"]]) {
      await using help = run(args);
      const { code, out, err } = await ended(help);
      assertEquals([code, err], [0, []]);
      assertStringIncludes(out.join("\n"), "serve");
    }
    await using help = run(["serve", "--help"]);
    const text = (await ended(help)).out.join("\n");
    for (const flag of ["--port", "--req-queue-len", "--command", "--webhook-url", "--no-probe"]) {
      assertStringIncludes(text, flag);
    }
    assertStringIncludes(text, "--autoreload, --watch");
  });

  test("a flag wins over its variable, which wins over the default", async () => {
    const limit = async (hurricane: Hurricane) => {
      const answer = await hurricane.probe("/ready", { headers: { accept: "application/json" } });
      return JSON.parse(answer.text).queue.limit;
    };
    const env = { HURRICANE_REQ_QUEUE_LEN: "7" };
    await using fromVariable = await serve(saying("hello"), { env });
    assertEquals(await limit(fromVariable), 7);
    await using fromFlag = await serve(saying("hello"), { env, args: ["--req-queue-len=3"] });
    assertEquals(await limit(fromFlag), 3);
  });

  test("--access-log and --log-probes log a line for each", async () => {
    await using hurricane = await serve(saying("hello"), {
      args: ["--access-log", "--log-probes"],
    });
    await hurricane.get("/some/path?secret=1");
    await hurricane.log.until("the request", (line) => JSON.stringify(line).includes("/some/path"));
    await hurricane.probe("/ready");
    await hurricane.log.until("the probe", (line) => JSON.stringify(line).includes("/ready"));
  });
});
