import type { AppOptions } from "../../app/options.ts";
import type { Worker } from "./worker.ts";

/** Makes a worker that has yet to load its handler; `respond` answers probes on the handler's port. */
export type Launch = (
  options: AppOptions,
  respond?: (request: Request) => Promise<Response>,
) => Worker;
