import type { Launch } from "../workers/launch.ts";
import { sharesPort } from "../../options/ports.ts";
import type { ServiceOptions } from "../../options/service_options.ts";
import type { Front } from "./front.ts";
import { OwnPort } from "./own_port.ts";
import { SharedPort } from "./shared_port.ts";

/**
 * The front that fits the options.
 *
 * @param launch makes workers
 * @param handler the absolute path of what `--autoreload` reloads
 */
export async function frontFor(
  options: ServiceOptions,
  launch: Launch,
  handler?: string,
): Promise<Front> {
  if (!options.autoreload || handler === undefined) return productionFront(options, launch);
  // Late: production never comes to it.
  const { Development } = await import(
    "./development.ts" as string
  ) as typeof import("./development.ts");
  return new Development(options, launch, handler);
}

/**
 * The front that fits the options, without hot reload.
 *
 * @param oneOnly where there can only ever be one worker, in this process
 */
export function productionFront(
  options: ServiceOptions,
  launch: Launch,
  { oneOnly = false }: { oneOnly?: boolean } = {},
): Front {
  return sharesPort(options)
    ? new SharedPort(options, launch)
    : new OwnPort(options, launch, { reusePort: !oneOnly });
}
