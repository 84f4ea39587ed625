import type { Given } from "./given.ts";
import type { Environment } from "./option.ts";
import type { ServeOptions } from "./serve_options.ts";
import { quote, UsageError } from "./usage_error.ts";

/**
 * Checks what `--debugger` needs of other options.
 *
 * @throws {UsageError} There are several workers, or the debugger's port has another use.
 */
export function requireDebuggable(options: ServeOptions, given: ReadonlyMap<string, Given>): void {
  const { workers, debuggerPort, port, probe, probePort } = options;
  if (workers > 1) {
    const { name, value } = given.get("workers") ?? { name: "--workers", value: workers };
    throw new UsageError(
      `${nameOf("debugger", given)} shows one worker, and there are ${workers} ` +
        `(${name} ${quote(value)}): give --workers 1`,
    );
  }
  const others = [["port", "the handler", port], ["probePort", "the probes", probePort]] as const;
  for (const [key, owner, other] of others) {
    if (debuggerPort === 0 || other !== debuggerPort || (key === "probePort" && !probe)) continue;
    throw new UsageError(
      `${debuggerPort} is the port of the debugger (${nameOf("debuggerPort", given)}) and of ` +
        `${owner} (${nameOf(key, given)}): each needs its own`,
    );
  }
}

/** What the log says of a debugger that is on, if anything. */
export function debuggerWarnings(options: ServeOptions, environment: Environment): string[] {
  if (!options.debugger || !environment["KUBERNETES_SERVICE_HOST"]) return [];
  return [
    "the debugger is on in Kubernetes: with kubectl port-forward one can run any code in the " +
    "handler, and while it is at a breakpoint it serves nobody, though liveness does not fail",
  ];
}

function nameOf(key: string, given: ReadonlyMap<string, Given>): string {
  return given.get(key)?.name ?? "default";
}
