import { runtime } from "../runtime/mod.ts";

/**
 * The address that means all of this machine: `::`, which takes connections of IPv4 as well, or
 * `0.0.0.0` where there is no IPv6 (`ipv6.disable=1`, a sandbox that knows no such sockets).
 *
 * @param requireFree throws where an address cannot be had
 */
export function anyHost(
  requireFree: (address: { hostname: string; port: number }) => void = runtime.requireFree,
): "::" | "0.0.0.0" {
  try {
    // A free port of it: whether another one is taken is found out by who listens there.
    requireFree({ hostname: "::", port: 0 });
    return "::";
  } catch {
    // For whatever reason: if 0.0.0.0 cannot be had, either, who listens there says so.
    return "0.0.0.0";
  }
}

/** The address that nobody but this machine reaches: where the handler listens for messages alone. */
export const loopback = "127.0.0.1";
