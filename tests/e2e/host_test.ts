import { createServer } from "node:net";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { freePort } from "../support/free_port.ts";
import { obliging, saying } from "../support/handlers.ts";
import { Connection, request } from "../support/http.ts";
import { form, type Hurricane, launch, run, runtime, serve } from "../support/hurricane.ts";
import { Load } from "../support/load.ts";
import { eventually } from "../support/wait.ts";

const hasIPv6 = Object.values(networkInterfaces()).flat().some((one) => one?.address === "::1");
const families = hasIPv6 ? ["127.0.0.1", "[::1]"] : ["127.0.0.1"];

function at(host: string, url: string): string {
  return url.replace("//localhost:", `//${host}:`);
}

/** What is answered at each address of this machine. */
function answers(url: string): Promise<string[]> {
  return Promise.all(families.map(async (host) => (await request(at(host, url))).text));
}

async function assertEverywhere(hurricane: Hurricane): Promise<void> {
  assertMatch(hurricane.url(), /^http:\/\/localhost:\d+\/$/);
  assertEquals(await answers(hurricane.url()), families.map(() => "hello"));
  assertEquals(await answers(hurricane.probeUrl("/alive")), families.map(() => "alive\n"));
}

const asking: Record<string, string> = {
  "node:http": `import http from "node:http";
    http.createServer((req, res) => res.end("hello")).listen(3000, "127.0.0.1");`,
  "the runtime's own server": runtime === "bun"
    ? `Bun.serve({ port: 3000, hostname: "127.0.0.1", fetch: () => new Response("hello") });`
    : `Deno.serve({ port: 3000, hostname: "127.0.0.1" }, () => new Response("hello"));`,
};

describe(`without --host (${form})`, () => {
  for (
    const [name, args] of Object.entries({
      "on two ports": [],
      "with workers": ["--workers=2"],
      "after a command": ["--command", "true"],
      "with hot reload": ["--watch"],
    })
  ) {
    test(`handler and probes answer over IPv4 and IPv6 ${name}`, async () => {
      await using hurricane = await serve(saying("hello"), { everywhere: true, args });
      await assertEverywhere(hurricane);
      assertEquals(await hurricane.stop(), 0);
    });
  }

  test("handler and probes answer over IPv4 and IPv6 on one port", async () => {
    const port = await freePort();
    const args = [`--port=${port}`, `--probe-port=${port}`];
    await using hurricane = await serve(saying("hello"), { everywhere: true, args });
    await assertEverywhere(hurricane);
  });

  test("a replacement loses no request of either family", async () => {
    await using hurricane = await serve(saying("hello"), {
      everywhere: true,
      args: ["--workers=2"],
    });
    const loads = families.map((host) => new Load(at(host, hurricane.url())));
    for (const load of loads) await load.more(50);
    hurricane.signal("SIGHUP");
    await hurricane.logged(/^all processes of the handler are replaced$/);
    for (const load of loads) await load.more(50);
    for (const load of loads) {
      await load.stop();
      assertEquals([...load.failures], []);
      await load[Symbol.asyncDispose]();
    }
    assertEquals(hurricane.log.items.filter(({ level }) => level !== "info"), []);
    assertEquals(await hurricane.stop(), 0);
  });

  for (const [name, source] of Object.entries(asking)) {
    test(`an adopted server answers there, wherever it asked to: ${name}`, async () => {
      await using hurricane = await serve(source, { everywhere: true });
      await assertEverywhere(hurricane);
    });
  }

  test("hurricane probe finds it", async () => {
    await using hurricane = await serve(saying("hello"), { everywhere: true });
    const { port } = new URL(hurricane.probeUrl("/"));
    await using probe = run(["probe", "readiness", "--probe-port", port]);
    assertEquals((await probe.exited).code, 0);
    assertStringIncludes(probe.stdout.items.join(), "ready");
  });

  test("the queue has what waits in the kernel of both families", async () => {
    await using hurricane = await serve(obliging, { everywhere: true });
    const blocked = hurricane.get("/block?ms=4000");
    await hurricane.printed("blocking");
    const urls = families.map((host) => at(host, hurricane.url()));
    const clients = await Promise.all([...urls, ...urls].map((url) => Connection.open(url)));
    for (const client of clients) client.send("/");
    await eventually("all that wait", async () => {
      const { text } = await hurricane.probe("/ready", { headers: { accept: "application/json" } });
      return JSON.parse(text).queue.kernel === clients.length;
    });
    await blocked;
    for (const client of clients) {
      assertEquals((await client.answer()).text, "hello");
      client.close();
    }
  });

  test("the access log names clients of IPv4 as IPv4 does", async () => {
    await using hurricane = await serve(saying("hello"), {
      everywhere: true,
      args: ["--access-log"],
    });
    await answers(hurricane.url());
    const clients = families.map((host) => host.replace(/[[\]]/g, ""));
    for (const client of clients) {
      await hurricane.log.until(`a request of ${client}`, (line) => line["client"] === client);
    }
  });

  for (const [name, args] of Object.entries({ "one worker": [], "workers": ["--workers=2"] })) {
    test(`a port that somebody has over IPv4 is taken, for ${name}`, async () => {
      const other = createServer().listen(0, "0.0.0.0");
      await once(other, "listening");
      const { port } = other.address() as { port: number };
      await using hurricane = launch(saying("hello"), {
        everywhere: true,
        args: [`--port=${port}`, ...args],
      });
      assertEquals((await hurricane.exited).code, 1);
      const { message } = await hurricane.logged(/^cannot start/);
      const host = hasIPv6 ? "[::]" : "0.0.0.0";
      assertStringIncludes(message, `cannot listen on ${host}:${port}: the port is taken`);
      other.close();
    });
  }
});
