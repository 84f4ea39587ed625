import { logger } from "../log.ts";
import { runtime } from "../runtime/mod.ts";
import type { Handler } from "./handler.ts";
import type { AppOptions } from "./options.ts";

const log = logger("handler");

/**
 * The fields of the handler's default export, besides `fetch`, that take effect: those that the
 * runtime's own server knows and no option overrules. Of the others that were meant to, the log
 * says that they do not.
 */
export function serverFields(handler: Handler, { tls }: AppOptions): Record<string, unknown> {
  const { fields } = handler;
  const known = runtime.knownFields(fields);
  if (tls !== undefined) delete known["tls"];
  const overruling = new Map([["port", "--port"], ["hostname", "--host"]]);
  if (tls !== undefined) overruling.set("tls", "--tls-cert");
  // A framework's object has fields for its own use; those of an object literal were meant.
  const isLiteral = Object.getPrototypeOf(fields) === Object.prototype;
  for (const name of isLiteral ? Object.keys(fields) : []) {
    if (name === "fetch" || name in known || isTaken(handler, name)) continue;
    const flag = overruling.get(name);
    if (flag !== undefined) {
      // A certificate and its key are not for the log.
      const given = name === "tls" ? name : `${name} ${String(fields[name])}`;
      log.warn("the handler's {given} gives way to {flag}", { given, flag });
    } else {
      log.warn("the handler's field {name} means nothing to {runtime} and is ignored", {
        name,
        runtime: runtime.name,
      });
    }
  }
  return known;
}

/** Has a field of the default export been taken for what a module exports beside it? */
function isTaken(handler: Handler, name: string): boolean {
  return (name === "checks" || name === "onDrain" || name === "onShutdown") &&
    handler.fields[name] === handler[name];
}
