import type { Server } from "./server.ts";

/** When the probes are asked, in milliseconds: in the middle of each second. */
const [first, interval] = [500, 1000];

/**
 * Asks both probes every second, as a kubelet does, until it is disposed of: that rejects where something
 * was not answered at all. Does nothing where there are none.
 */
export function watch(server: Server): AsyncDisposable {
  const asked: Promise<unknown>[] = [];
  const failed: unknown[] = [];
  const ask = (): void => {
    for (const name of ["ready", "alive"] as const) {
      asked.push(server.probe(name).catch((error: unknown) => failed.push(error)));
    }
    timer = setTimeout(ask, interval);
  };
  let timer = server.contender.probes === undefined ? undefined : setTimeout(ask, first);
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      clearTimeout(timer);
      await Promise.all(asked);
      if (failed.length > 0) throw failed[0];
    },
  };
}
