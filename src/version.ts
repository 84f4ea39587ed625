/**
 * Hurricane's version, read from the one place that states it.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };

/** The version of Hurricane, as in `0.1.0`. */
export const version: string = config.version;
