import type { serveTable } from "./serve_table.ts";
import type { Values } from "./table.ts";

type Read = Values<typeof serveTable>;

/** The options without a default of their own, which gets one from others or from where it runs:
 * see `resolve.ts`. */
type Completed = Required<
  Pick<Read, "host" | "probePort" | "probeHost" | "shutdownDelay" | "statusPage">
>;

/**
 * The options of a service, read and completed: durations in milliseconds, sizes in bytes, hosts
 * without brackets, paths with a leading and without a trailing slash. See {@linkcode ServeInput}
 * for what they mean.
 *
 * Everything that lives by these options takes this type or picks from it.
 */
export type ServiceOptions = Omit<Read, keyof Completed> & Completed;
