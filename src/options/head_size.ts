import { runtime } from "../runtime/mod.ts";
import type { ServiceOptions } from "./service_options.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Refuses a limit of heads that the runtime cannot keep. Only who serves asks: a manifest may be made
 * elsewhere.
 *
 * @throws {UsageError} One is given.
 */
export function requireHeadLimit({ maxHeaderSize }: Pick<ServiceOptions, "maxHeaderSize">): void {
  if (maxHeaderSize === undefined || runtime.limitHeads !== undefined) return;
  throw new UsageError(
    `--max-header-size needs Bun or the executable: the limit of ${runtime.name} cannot be moved ` +
      "(64kb, and 16kb for a server of node:http); leave it away, or let a proxy in front refuse longer ones",
  );
}
