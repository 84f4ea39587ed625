import { describe, test } from "node:test";
import {
  assertEquals,
  assertFalse,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { obliging, saying } from "../support/handlers.ts";
import { form, type Hurricane, launch, serve } from "../support/hurricane.ts";

const waiting = `sh -c 'echo waiting; until [ -e go ]; do sleep 0.05; done'`;

async function statuses(hurricane: Hurricane): Promise<Record<string, number>> {
  const answers = ["/startup", "/ready", "/alive"].map(async (path) =>
    [path, (await hurricane.probe(path)).status] as const
  );
  return Object.fromEntries(await Promise.all(answers));
}

describe(`probes (${form})`, () => {
  test("answer in every state: starting, serving, draining", async () => {
    await using hurricane = launch(obliging, {
      args: ["--command", "true", "--command", waiting, "--shutdown-delay", "60s"],
    });
    await hurricane.probing();
    await hurricane.log.until(
      "the second command",
      (line) => JSON.stringify(line).includes("waiting") && line.part === "commands",
    );
    assertEquals(await statuses(hurricane), { "/startup": 400, "/ready": 400, "/alive": 200 });
    assertMatch((await hurricane.probe("/startup")).text, /2 of 2/);

    writeFileSync(join(hurricane.dir, "go"), "");
    await hurricane.serving();
    assertEquals(await statuses(hurricane), { "/startup": 200, "/ready": 200, "/alive": 200 });
    assertMatch((await hurricane.probe("/startup")).text, /^started in \d+\.\d{3}s\s*$/);

    hurricane.signal("SIGINT");
    assertMatch((await hurricane.probeUntil("/ready", 400)).text, /drain|shut/);
    assertEquals(await statuses(hurricane), { "/startup": 200, "/ready": 400, "/alive": 200 });
    assertEquals((await hurricane.get()).status, 200);
    assertEquals(await hurricane.stop("SIGINT"), 130);
  });

  test("know GET, HEAD and POST, plain text and JSON", async () => {
    await using hurricane = await serve(saying("hello"));
    const accept = { headers: { accept: "application/json" } };
    for (const path of ["/startup", "/ready", "/alive"]) {
      for (const method of ["GET", "POST"]) {
        const { status, headers } = await hurricane.probe(path, { method });
        assertEquals(status, 200, `${method} ${path}`);
        assertMatch(headers["content-type"] ?? "", /^text\/plain/);
        assertEquals(headers["cache-control"], "no-store");
      }
      const head = await hurricane.probe(path, { method: "HEAD" });
      assertEquals([head.status, head.text], [200, ""]);
      const { length } = (await hurricane.probe(path)).text;
      assertEquals(head.headers["content-length"], String(length), path);
      const slash = await hurricane.probe(`${path}/`);
      assertEquals(slash.status, 200, `${path}/`);
      for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS"]) {
        const answer = await hurricane.probe(path, { method });
        assertEquals(answer.status, 405, `${method} ${path}`);
        assertStringIncludes(answer.headers["allow"] ?? "", "GET");
      }
      const json = await hurricane.probe(path, accept);
      assertMatch(json.headers["content-type"] ?? "", /^application\/json/);
      assertEquals(JSON.parse(json.text).status, "succeeded");
    }
    const readiness = JSON.parse((await hurricane.probe("/ready", accept)).text);
    assertEquals(readiness.type, "readiness");
    assertEquals(readiness.queue, { length: 0, handler: 0, kernel: 0, limit: 100 });
    assertEquals(readiness.checks, []);
    assertEquals((await hurricane.probe("/nothing")).status, 404);
  });

  test("live at the paths given, on the handler's listener where the ports are equal", async () => {
    const paths = ["--startup-probe", "s/", "--readiness-probe", "/k8s/r", "--liveness-probe", "l"];
    await using free = await serve(saying("placeholder"));
    const { port } = new URL(free.url());
    await free.stop();
    await using hurricane = await serve(saying("hello"), {
      args: ["--port", port, "--probe-port", port, "--metrics", "/m", ...paths],
    });
    assertEquals(new URL(hurricane.probeUrl("/")).port, port);
    for (const path of ["/s", "/s/", "/k8s/r", "/l", "/l/", "/m"]) {
      const answer = await hurricane.get(path);
      assertEquals(answer.status, 200, path);
      assertFalse(answer.text === "hello", path);
    }
    for (const path of ["/startup", "/ready", "/alive", "/metrics", "/sx"]) {
      assertEquals((await hurricane.get(path)).text, "hello", path);
    }
  });

  test("are off with --no-probe, and so are the metrics", async () => {
    await using hurricane = launch(saying("hello"), { args: ["--no-probe"] });
    const { url, probeUrl } = await hurricane.logged(/^serving on /);
    assertEquals(probeUrl, undefined);
    assertFalse(hurricane.log.items.some(({ message }) => message.startsWith("probes on")));
    const response = await fetch(new URL("/ready", String(url)));
    assertEquals(await response.text(), "hello");
    assertEquals(await hurricane.stop(), 0);
  });

  test("are gone after the end", async () => {
    await using hurricane = await serve(saying("hello"));
    assertEquals(await hurricane.stop("SIGINT"), 0);
    await assertRejects(() => hurricane.probe("/alive"));
    await assertRejects(() => hurricane.get());
  });
});
