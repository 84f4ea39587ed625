import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { connect, createServer, type Socket } from "node:net";
import { Connections, run } from "../../scripts/endurance/client.ts";
import type { Plan } from "../../scripts/endurance/plan.ts";

/** Connections that take longer than their clients mean to stay. */
class Slow extends Connections {
  readonly #port: number;

  constructor(port: number) {
    super(port);
    this.#port = port;
  }

  override take(): { socket: Socket } {
    const socket = connect({
      port: this.#port,
      host: "slow.test",
      lookup: (_host, _options, found) =>
        void setTimeout(() => found(null, [{ address: "127.0.0.1", family: 4 }]), 100),
    });
    return { socket };
  }
}

const plan: Plan = {
  id: 1,
  kind: "left",
  method: "GET",
  target: "/slow?id=1",
  version: "1.1",
  kept: false,
  size: 0,
  chunked: false,
  over: 0,
  leaves: 1,
  share: 1,
  status: 200,
};

for (
  const [what, given] of [
    ["before its answer", plan],
    ["in mid-upload", { ...plan, kind: "cut", method: "POST", size: 1000, share: 0.5 }],
  ] as const
) {
  test(`a client that leaves ${what} has sent something`, async () => {
    const requested = Promise.withResolvers<string>();
    const server = createServer((socket) => {
      socket.setEncoding("latin1").once("data", requested.resolve);
      socket.on("error", () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const { seen } = await run(given, new Slow(address.port));
    assertEquals(seen, "left");
    assertEquals((await requested.promise).split(" HTTP")[0], `${given.method} /slow?id=1`);
    server.close();
  });
}
