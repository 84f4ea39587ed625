import { type Hurricane, serve } from "../../tests/support/hurricane.ts";
import { Load } from "../../tests/support/load.ts";
import type { Kind } from "../../tests/support/proxies/kinds.ts";
import { freePorts, Page, serverHosts, type Variant } from "../../tests/support/proxies/page.ts";
import { Proxy } from "../../tests/support/proxies/proxy.ts";
import { eventually, pause } from "../../tests/support/wait.ts";

/** What clients of one proxy saw. */
export interface Result {
  sent: number;
  failed: number;
  /** How many failed, by what came instead. */
  failures: ReadonlyMap<string, number>;
  /** In milliseconds. */
  slowest: number;
}

/** Nothing of it may be kept by a proxy that caches. */
const handler = `
export default {
  async fetch() {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return new Response("hello", { headers: { "Cache-Control": "no-store" } });
  },
};
`;

/** At least so many requests, over about 17 s: longer than the restarts take. */
const requests = 2400;

/** Six clients with this breath send about 140 a second: the count tells of time, not of load. */
const breath = 40;

/** Times in milliseconds. */
export interface Pauses {
  /** Between the end of a Hurricane and the start of the one in its place, which a container needs. */
  away: number;
  /** Since the first is ready again, before the second is stopped. */
  between: number;
}

/** Restarts two Hurricanes behind a proxy under load. */
export async function restarts(
  kind: Kind,
  variant: Variant,
  { away, between }: Pauses,
): Promise<Result> {
  await using stack = new AsyncDisposableStack();
  const ports = await freePorts();
  const args = new Page(kind.name).hurricaneOptions(ports);
  const own = [`--port=${ports.handler}`, `--probe-port=${ports.probes}`];
  const start = async (host: string): Promise<Hurricane> => {
    const given = new Set(args.map((argument) => argument.split("=")[0]));
    const more = own.filter((argument) => !given.has(argument.split("=")[0]));
    return stack.use(
      await serve(handler, { everywhere: true, args: [`--host=${host}`, ...more, ...args] }),
    );
  };
  const hurricanes: Hurricane[] = [];
  for (const host of serverHosts) hurricanes.push(await start(host));
  const proxy = stack.use(await Proxy.start(kind, variant, ports));
  // A proxy that asks for readiness has to have heard of both.
  await pause(2000);

  // Clients mostly keep their connections. nghttpx passes on what one says of its own.
  const load = new Load(proxy.url, { breath, postEvery: 4, sayClose: false });
  stack.use(load);
  await load.more(100);
  for (const [index, hurricane] of hurricanes.entries()) {
    if (index > 0) await pause(between);
    const code = await hurricane.stop();
    if (code !== 0) throw new Error(`Hurricane ${index} ended with ${code}`);
    await pause(away);
    const next = await start(serverHosts[index] ?? "");
    await next.probeUntil("/ready", 200);
  }
  await eventually(`${requests} requests`, () => load.ok + load.failed >= requests);
  await load.stop();
  return {
    sent: load.ok + load.failed,
    failed: load.failed,
    failures: load.failures,
    slowest: load.slowest,
  };
}
