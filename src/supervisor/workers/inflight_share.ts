import type { ServiceOptions } from "../../options/service_options.ts";

/**
 * What a worker gets of `--max-inflight`: an equal share, rounded up, and at least 1. All of them
 * together may thus hold a few requests more than the option says, but never fewer.
 *
 * @param maxInflight over all workers; `undefined` where there is no limit
 */
export function inflightShare(
  { maxInflight, workers }: Pick<ServiceOptions, "maxInflight" | "workers">,
): { maxInflight?: number } {
  if (maxInflight === undefined) return {};
  return { maxInflight: Math.max(1, Math.ceil(maxInflight / workers)) };
}
