import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { type StoppableServer, stopTls } from "../../src/runtime/bun_tls.ts";
import { runtime } from "../../src/runtime/mod.ts";
import { certificate } from "../support/certificate.ts";
import { Connection, request } from "../support/http.ts";
import { pause } from "../support/wait.ts";

const skip = runtime.name !== "bun";
if (skip) console.info(`skipped: stopping Bun over TLS: this is ${runtime.name}`);

interface Bun {
  serve(options: object): StoppableServer & { url: URL };
}

describe("stopTls", { skip }, () => {
  test("closes unused connections after what is in flight", async () => {
    const asked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<Response>();
    const { cert, key } = certificate();
    const server = (globalThis as unknown as { Bun: Bun }).Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      idleTimeout: 0,
      tls: { cert, key },
      fetch: () => (asked.resolve(), gate.promise),
    });
    const unused = await Connection.open(server.url, cert);
    const answer = request(server.url, { ca: cert });
    await asked.promise;
    const stopped = stopTls(server, 0);
    // Time enough to cut it off.
    await pause(100);
    gate.resolve(new Response("late"));
    assertEquals((await answer).text, "late");
    await Promise.all([stopped, unused.closed]);
  });
});
