import { describe, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { resolveOptions } from "../../../src/options/resolve.ts";
import type { ServeInput } from "../../../src/options/serve_input.ts";
import { frontFor, productionFront } from "../../../src/supervisor/front/choose.ts";
import { Development } from "../../../src/supervisor/front/development.ts";
import { OwnPort } from "../../../src/supervisor/front/own_port.ts";
import { SharedPort } from "../../../src/supervisor/front/shared_port.ts";
import { FakeWorker } from "../workers/fakes.ts";

const launch = () => new FakeWorker(1, []);

async function front(input: ServeInput, handler?: string) {
  return await frontFor(resolveOptions({ host: "127.0.0.1", ...input }, {}), launch, handler);
}

describe("the front of a service", () => {
  test("is a port of its own for workers and probes", async () => {
    const chosen = await front({ port: 80 }, "/srv/handler.ts");
    assert(chosen instanceof OwnPort);
    assert(!(chosen instanceof SharedPort) && !(chosen instanceof Development));
    assertEquals(chosen.workers, { hostname: "127.0.0.1", port: 80, reusePort: true });
    assertEquals(chosen.reload(), false);
    assertEquals(chosen.survives("", ""), false);
  });

  test("is one port for both where both have the same", async () => {
    const chosen = await front({ port: 80, probePort: 80 });
    assert(chosen instanceof SharedPort);
    assertEquals(chosen.workers, { hostname: "127.0.0.1", port: 80, reusePort: true });
  });

  test("is the supervisor's with hot reload, and workers are behind it", async () => {
    const chosen = await front({ host: "::1", port: 80, autoreload: true }, "/srv/handler.ts");
    assert(chosen instanceof Development);
    assertEquals(chosen.workers, { hostname: "127.0.0.1", port: 0, reusePort: false });
    assertEquals(chosen.reload(), true);
    assertEquals(chosen.survives("", ""), true);
  });

  test("shares no port in a process that has one worker alone, but with the probes", () => {
    const alone = (input: ServeInput) =>
      productionFront(resolveOptions(input, {}), launch, { oneOnly: true }).workers.reusePort;
    assertEquals(alone({ port: 80 }), false);
    assertEquals(alone({ port: 80, probePort: 80 }), true);
  });
});
