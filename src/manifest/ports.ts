import { loopback } from "../options/any_host.ts";
import type { ServiceOptions } from "../options/service_options.ts";

/** The first port that a process without privileges may listen on, unless it is told otherwise. */
const firstUnprivileged = 1024;

/** A port of the container. */
export interface NamedPort {
  name: string;
  containerPort: number;
}

/**
 * Where the handler listens, unless that is for messages alone (`consume`), and the probes where they have a
 * port of their own.
 */
export function ports(service: ServiceOptions): NamedPort[] {
  const { host, port, probePort } = service;
  const handler = { name: handlerPortName(service), containerPort: port };
  const name = probePortName(service);
  return [
    ...(host === loopback ? [] : [handler]),
    ...(name === undefined || name === handler.name ? [] : [{ name, containerPort: probePort }]),
  ];
}

/** The name of the handler's port: what is spoken there. */
export function handlerPortName({ tlsCert }: ServiceOptions): "http" | "https" {
  return tlsCert === undefined ? "http" : "https";
}

/** The name of the port that answers probes; `undefined` where nothing does. */
export function probePortName({ probe, port, probePort }: ServiceOptions): string | undefined {
  if (!probe) return undefined;
  return port === probePort ? "http" : "probes";
}

/** The lowest port that takes a privilege to listen on, or `undefined`. */
export function privilegedPort({ port, probe, probePort }: ServiceOptions): number | undefined {
  const lowest = Math.min(port, probe ? probePort : Infinity);
  return lowest < firstUnprivileged ? lowest : undefined;
}
