import { describe, test } from "node:test";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { AccessLog } from "../../src/app/access_log.ts";
import { layered } from "../../src/app/layers.ts";
import { PendingRequests } from "../../src/app/pending_requests.ts";
import type { AppOptions } from "../../src/app/options.ts";
import { RequestCounters } from "../../src/metrics/requests.ts";
import { TempDir } from "../support/temp_dir.ts";
import { appOptions } from "../support/workers.ts";

const url = (path: string) => new Request(`http://localhost${path}`);
const forward = () => Promise.resolve(new Response("probe"));

/** A handler with everything around it: a file `/static/a.txt`, and the probe `/ready`. */
async function surrounded(
  dir: TempDir,
  options: Partial<AppOptions> = {},
  access?: AccessLog,
) {
  dir.file("a.txt", "file");
  const counters = new RequestCounters();
  const draining = { now: false };
  const pending = new PendingRequests({ now: () => performance.now() });
  const route = () => new Response("route");
  const { fetch, fields, wrap, onError } = await layered(
    {
      fetch: ({ url }) => {
        if (url.endsWith("/throws")) throw new Error("no");
        return new Response("handler");
      },
      fields: { routes: { "/route": route, "/ready": route }, error: () => new Response("error") },
    },
    { ...appOptions, logLevel: "error", probePaths: ["/ready"], static: [dir.path], ...options },
    {
      counters,
      draining,
      access,
      traces: undefined,
      pending,
      loopWait: undefined,
      forwardProbe: forward,
    },
  );
  const served = async (path: string): Promise<Response | undefined> => {
    try {
      return await fetch(url(path), undefined);
    } catch (error) {
      return onError(error);
    }
  };
  const text = async (path: string): Promise<string | undefined> =>
    (await (await served(path))?.text())?.trim();
  return { counters, draining, fetch, fields, wrap, text };
}

describe("what a request passes on its way to the handler", () => {
  test("is the probes first, which nobody counts or refuses", async () => {
    using dir = new TempDir();
    const { text, counters } = await surrounded(dir, { maxInflight: 0 });
    assertEquals([await text("/ready"), await text("/ready/?x")], ["probe", "probe"]);
    assertEquals(counters.answered, 0);
  });

  test("is the counting then, before files as before the handler", async () => {
    using dir = new TempDir();
    const { text, counters, draining, fetch } = await surrounded(dir);
    assertEquals(await text("/static/a.txt"), "file");
    assertEquals(await text("/static/b.txt"), "handler");
    assertEquals(await text("/throws"), "error");
    assertEquals(counters.answered, 3);
    draining.now = true;
    const answer = await fetch(url("/static/a.txt"), undefined);
    assertEquals(answer?.headers.get("connection"), "close");
    await answer?.body?.cancel();
  });

  test("refuses files as well where there is too much", async () => {
    using dir = new TempDir();
    const { text } = await surrounded(dir, { maxInflight: 0 });
    for (const path of ["/static/a.txt", "/"]) {
      assertEquals(await text(path), "Service Unavailable");
    }
  });

  test("is the same for a route, and a route of a probe's path gives way to the probe", async () => {
    using dir = new TempDir();
    const { fields, wrap, counters } = await surrounded(dir);
    const routes = fields["routes"] as Record<string, () => Response | Promise<Response>>;
    assertStrictEquals(routes["/ready"], forward);
    const probe = await wrap(routes["/ready"])(url("/ready"), undefined);
    assertEquals([await probe?.text(), counters.answered], ["probe", 0]);
    const answer = await wrap(routes["/route"]!)(url("/route"), undefined);
    assertEquals([await answer?.text(), counters.answered], ["route", 1]);
    const file = await wrap(routes["/route"]!)(url("/static/a.txt"), undefined);
    assertEquals([await file?.text(), counters.answered], ["file", 2]);
  });

  test("is asked for its client where the access log has a field that follows from that", async () => {
    using dir = new TempDir();
    let asked = 0;
    // What both runtimes tell of a request, each in its own way.
    const info = {
      get remoteAddr() {
        asked++;
        return { transport: "tcp", hostname: "10.0.0.1", port: 1 };
      },
      requestIP() {
        asked++;
        return { address: "10.0.0.1" };
      },
    };
    const counts: Record<string, number> = {};
    for (const accessLogFields of ["path,client", "path,status", "host", "host,client"]) {
      const options = { accessLog: true, accessLogFields, logFormat: "json" } as const;
      const access = await AccessLog.open({ ...appOptions, ...options });
      const { fetch } = await surrounded(dir, options, access);
      asked = 0;
      await (await fetch(url("/"), info))?.text();
      access?.close();
      counts[accessLogFields] = asked;
    }
    assertEquals(counts, { "path,client": 1, "path,status": 0, host: 0, "host,client": 1 });
  });
});
