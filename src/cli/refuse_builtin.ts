import type { BuiltinHandler } from "../app/handler.ts";
import { UsageError } from "../options/usage_error.ts";

/** Refuses a command that is about Hurricane's own program in one that has a handler in it. */
export function refuseBuiltin(name: string, builtin: BuiltinHandler | undefined): void {
  if (builtin === undefined) return;
  throw new UsageError(`${name} is a command of hurricane itself, and not of ${builtin.name}`);
}
