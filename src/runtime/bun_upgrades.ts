import type { BunServer } from "./bun_api.ts";

const upgraded = new WeakSet<Request>();

/** Notes which requests a server's `upgrade()` has made WebSockets of: nothing else tells. */
export function noteUpgrades(server: BunServer): void {
  const { upgrade } = server;
  server.upgrade = (request, ...rest) => {
    const done = upgrade.call(server, request, ...rest);
    if (done) upgraded.add(request);
    return done;
  };
}

/** Bun's part of `Runtime.handedOver`. */
export function handedOver(request: Request): boolean {
  return upgraded.has(request);
}
