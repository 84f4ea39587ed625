import { chmodSync } from "node:fs";
import process from "node:process";
import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { saying } from "../support/handlers.ts";
import { form, Hurricane, launch, run, runtime, serve } from "../support/hurricane.ts";

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
    "--access-log yes": ["--access-log takes no value behind a blank: give --access-log alone"],
    "--access-log off": ["give --access-log=false"],
    "--no-access-log": ["--access-log is off unless it is given", "--access-log=false"],
    "--max-memory 1": ["--max-memory", "32mb or more"],
    "--bind 0.0.0.0:80": ["--bind", "give --host and --port"],
    "--timeout 30": ["--timeout", "give --request-timeout", "--stall-timeout"],
    "--reload": ["--reload", "give --watch"],
    "--worker 2": ["--worker", "did you mean --workers?"],
    "--max-requests 10": ["--max-requests", "give --max-lifetime"],
    "--graceful-timeout 10": ["--graceful-timeout", "give --shutdown-timeout"],
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
    "a URL as handler": { args: ["serve", "https://example.com/h.ts"], names: "it is a URL" },
    "an option of serve for build": {
      args: ["build", "./h.ts", "--port", "80"],
      names: "as in: build ./handler.ts -- --port",
    },
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

  test("levels and forms of the log are taken in any case, also where the use is wrong", async () => {
    await using wrong = run(["serve", "./nowhere.ts"], {
      HURRICANE_LOG_LEVEL: "WARNING",
      HURRICANE_LOG_FORMAT: "Pretty",
    });
    const { code, err } = await ended(wrong);
    assertEquals([code, err], [
      2,
      ['hurricane: HURRICANE_LOG_LEVEL must be debug, info, warn or error, not "WARNING"'],
    ]);
    await using right = run(["serve", "./nowhere.ts", "--log-level=Warn"], {
      HURRICANE_LOG_FORMAT: "PRETTY",
    });
    assertStringIncludes((await ended(right)).err[0] ?? "", "./nowhere.ts");
  });

  const badHandlers: Record<string, { name: string; source: string; code: number; says: RegExp }> =
    {
      "text": {
        name: "notes.log",
        source: "some text",
        code: 2,
        says: /no JavaScript or TypeScript/,
      },
      "a fetch that is a string": {
        name: "handler.ts",
        source: `export const fetch = "x";`,
        code: 1,
        says: /handler\.ts has no handler: what it exports as fetch is a string; a function/,
      },
      "an object whose fetch is a number": {
        name: "handler.ts",
        source: `export default { fetch: 7 };`,
        code: 1,
        says:
          /handler\.ts has no handler: what it exports as default\.fetch is a number; a function/,
      },
    };
  for (const [what, { name, source, code, says }] of Object.entries(badHandlers)) {
    test(`${what} is no handler`, async () => {
      await using hurricane = launch(source, { name });
      assertEquals((await hurricane.exited).code, code);
      assertMatch(hurricane.log.items.at(-1)?.message ?? "", says);
    });
  }

  test("a host that nobody knows, in these words", async () => {
    for (const [flag, other] of [["--host", "--probe-host"], ["--probe-host", "--host"]] as const) {
      await using hurricane = launch(saying("hello"), {
        args: [`${flag}=no-such-host.invalid`, `${other}=127.0.0.1`],
      });
      assertEquals((await hurricane.exited).code, 1);
      const { message } = await hurricane.logged(/^cannot start/);
      assertMatch(message, /no-such-host\.invalid:0: no address is known of that name; give --/);
      assertStringIncludes(message, `give ${flag} an address`);
    }
  });

  test("a second one on the same port names that port, not the one of its probes", async () => {
    await using first = await serve(saying("first"));
    const { port } = new URL(first.url());
    await using second = launch(saying("second"), { args: [`--port=${port}`, "--probe-port=1"] });
    assertEquals((await second.exited).code, 1);
    const { message } = await second.logged(/^cannot start/);
    assertStringIncludes(
      message,
      `the handler cannot listen on 127.0.0.1:${port}: the port is taken`,
    );
    assertEquals(message.includes("probe"), false, message);
  });

  test("a program that is missing is told of once, without all of PATH", async () => {
    await using hurricane = launch(saying("hello"), { args: ["--command", "no-such-program -x"] });
    assertEquals((await hurricane.exited).code, 1);
    const errors = hurricane.log.items.filter(({ level }) => level === "error");
    assertEquals(errors.map(({ message }) => message), [
      'cannot start: command "no-such-program -x" cannot be started: no program "no-such-program" ' +
      "is on PATH; install it, or give its path",
    ]);
  });

  test("SIGUSR1 and SIGUSR2 end nothing", async () => {
    await using hurricane = await serve(
      `import process from "node:process";
      export default { fetch: () => new Response(String(process.pid)) };`,
    );
    const { text: pid } = await hurricane.get("/");
    for (const name of ["SIGUSR1", "SIGUSR2"] as const) {
      hurricane.signal(name);
      process.kill(Number(pid), name);
    }
    for (let times = 0; times < 20; times++) assertEquals((await hurricane.get("/")).text, pid);
    assertEquals(await hurricane.stop(), 0);
  });

  test("what others call help and version is that", async () => {
    const ways = [[["help"], ["--help"]], [["help", "serve"], ["serve", "--help"]], [["version"], [
      "--version",
    ]], [["-V"], ["--version"]]] as const;
    for (const [theirs, ours] of ways) {
      await using one = run([...theirs]);
      await using other = run([...ours]);
      assertEquals(await ended(one), await ended(other));
    }
    await using short = run(["serve", "./handler.ts", "-p", "seventy"]);
    assertStringIncludes((await ended(short)).err.join("\n"), "--port must be a port");
  });

  test("the help of probe tells of whom it asks", async () => {
    await using help = run(["probe", "--help"]);
    const text = (await ended(help)).out.join("\n");
    assertMatch(text, /--probe-port <PORT> +Where its probes listen\./);
    assertEquals(/0 picks a free port|a kubelet gives/.test(text), false, text);
  });

  test("build refuses a directory as wrong use", async () => {
    await using hurricane = launch(saying("hello"), { args: ["--no-such-option"] });
    await hurricane.exited;
    await using built = run(["build", `${hurricane.dir}/handler.ts`, "-o", hurricane.dir]);
    const { code, err } = await ended(built);
    assertEquals(code, 2);
    assertStringIncludes(err.join("\n"), "is a directory: give the name of a file");
  });

  test("what cannot be read is refused as wrong use", {
    skip: process.getuid?.() !== 0 && "only root can become another user",
  }, async () => {
    const other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    await using owner = launch(saying("hello"), {
      files: { "assets/a.txt": "a" },
      args: ["--no-such-option"],
    });
    await owner.exited;
    chmodSync(owner.dir, 0o755);
    chmodSync(`${owner.dir}/assets`, 0o700);
    const path = `${owner.dir}/handler.ts`;
    await using refused = new Hurricane(
      ["serve", path, "--static", `${owner.dir}/assets`],
      {},
      owner.dir,
      {
        under: other,
      },
    );
    const { code } = await refused.exited;
    assertEquals(code, 2);
    assertMatch(refused.stderr.items.join("\n"), /--static .*assets cannot be read \(EACCES\)/);
    chmodSync(path, 0o000);
    await using unread = new Hurricane(["serve", path], {}, owner.dir, { under: other });
    assertEquals((await unread.exited).code, 2);
    assertMatch(unread.stderr.items.join("\n"), /handler\.ts cannot be read \(EACCES\)/);
  });

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
