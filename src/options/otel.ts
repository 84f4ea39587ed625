import { isDisabled, tracingEnvironment, TracingError } from "../app/otel/environment.ts";
import { runtime } from "../runtime/mod.ts";
import type { Environment } from "./option.ts";
import type { ServiceOptions } from "./service_options.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Refuses `--otel` where the standard's variables do not say enough, or what cannot be done. Only who serves
 * asks.
 *
 * @throws {UsageError} The first that is wrong.
 */
export function requireTracing(
  { otel }: Pick<ServiceOptions, "otel">,
  environment: Environment,
): void {
  if (!otel || runtime.traces || isDisabled(environment)) return;
  try {
    tracingEnvironment(environment);
  } catch (error) {
    if (error instanceof TracingError) throw new UsageError(error.message);
    throw error;
  }
}
