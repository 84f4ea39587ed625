import type { Server } from "./server.ts";

/** Somebody who asks like a kubelet and a Prometheus. */
export interface Watching {
  /** Rejects where something was not answered at all. */
  stop(): Promise<void>;
}

/**
 * Asks both probes every second, and for the metrics once: more often than a Prometheus does. Does nothing
 * where there are none.
 */
export function watch(server: Server): Watching {
  const asked: Promise<unknown>[] = [];
  const failed: unknown[] = [];
  const note = (answer: Promise<unknown>): void => {
    asked.push(answer.catch((error: unknown) => failed.push(error)));
  };
  const askProbes = (): void => {
    if (server.contender.probes === undefined) return;
    note(server.probe("ready"));
    note(server.probe("alive"));
  };
  askProbes();
  note(server.scrape());
  const timer = setInterval(askProbes, 1000);
  return {
    async stop(): Promise<void> {
      clearInterval(timer);
      await Promise.all(asked);
      if (failed.length > 0) throw failed[0];
    },
  };
}
