export { sharesPort } from "../options/ports.ts";
export type { ServiceOptions } from "../options/service_options.ts";
