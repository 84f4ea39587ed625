import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { Feed } from "../wait.ts";
import { probe, type Probed } from "./probe.ts";
import { Prober } from "./prober.ts";

type Answer = (path: string, response: ServerResponse) => void;

interface Target extends AsyncDisposable {
  url: string;
  asked: { path: string; headers: IncomingHttpHeaders }[];
}

async function target(answer: Answer): Promise<Target> {
  const asked: Target["asked"] = [];
  const server = createServer((incoming, response) => {
    asked.push({ path: incoming.url ?? "", headers: incoming.headers });
    answer(incoming.url ?? "", response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    asked,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

const status = (code: number): Answer => (_path, response) => {
  response.writeHead(code).end("why");
};

const redirect = (to: (path: string) => string | undefined): Answer => (path, response) => {
  const location = to(path);
  if (location === undefined) response.writeHead(200).end();
  else response.writeHead(302, { location }).end();
};

describe("a probe", () => {
  test("has a kubelet's headers and keeps no connection", async () => {
    await using there = await target(status(200));
    const { host } = new URL(there.url);
    await probe(there.url);
    assertEquals(there.asked.map(({ headers }) => headers), [
      { "user-agent": "kube-probe/1.36", accept: "*/*", connection: "close", host },
    ]);
  });

  for (const [code, success] of [[200, true], [304, true], [399, true], [400, false]] as const) {
    test(`${code} is ${success ? "a success" : "a failure"}`, async () => {
      await using there = await target(status(code));
      assertEquals((await probe(there.url)).success, success);
    });
  }

  test("follows redirects on its host, and none to another", async () => {
    await using there = await target(redirect((path) => path === "/" ? "/there" : undefined));
    assertEquals(await probe(there.url), { success: true, text: "200 " });
    assertEquals(there.asked.map(({ path }) => path), ["/", "/there"]);
    await using away = await target(redirect(() => "http://nobody.invalid/"));
    assertEquals(await probe(away.url), { success: true, text: "302 " });
  });

  test("gives up on redirects without an end", async () => {
    await using there = await target(redirect(() => "/"));
    assertEquals((await probe(there.url)).success, false);
    assertEquals(there.asked.length, 10);
  });

  test("reads 10 KB of what may be longer", async () => {
    await using there = await target((_path, response) => response.end("x".repeat(1_000_000)));
    const { success, text } = await probe(there.url);
    assertEquals([success, text.length], [true, "200 ".length + 10 * 1024]);
  });

  test("fails where nobody listens, or an answer does not come in time", async () => {
    await using silent = await target((_path, response) => response.writeHead(200).write("half"));
    const nobody = await target(status(200));
    await nobody[Symbol.asyncDispose]();
    assertEquals((await probe(silent.url, 50)).text, "no answer in 50 ms");
    assertEquals((await probe(nobody.url)).success, false);
  });
});

describe("a prober", () => {
  test("tells each success, and failures from the threshold on", async () => {
    const codes = [200, 500, 200, 500, 500, 500, 200];
    await using there = await target((path, response) =>
      status(codes[there.asked.length - 1] ?? 200)(path, response)
    );
    const told = new Feed<Probed>();
    using _prober = new Prober(
      there.url,
      { periodSeconds: 0, timeoutSeconds: 30, failureThreshold: 3 },
      (probed) => told.push(probed),
    );
    const first = await told.first(4);
    assertEquals(first.map(({ success }) => success), [true, true, false, true]);
  });
});
