import { runtime } from "../runtime/mod.ts";
import type { WebHandler } from "./handler.ts";
import type { AppOptions } from "./options.ts";
import { remarks } from "./remarks.ts";

/**
 * The fields of the handler's default export, besides `fetch`, that take effect: those that the
 * runtime's own server knows and no option overrules. Of the others that were meant to, the log
 * says that they do not.
 *
 * @throws where the handler's `tls` cannot be kept beside `--tls-cert`, and whom it lets in with it
 */
export function serverFields(handler: WebHandler, options: AppOptions): Record<string, unknown> {
  const { fields } = handler;
  const known = runtime.knownFields(fields);
  const overruling = new Map([["port", "--port"], ["hostname", "--host"]]);
  if (options.tls !== undefined) {
    if (hasCertificate(fields["tls"])) overruling.set("tls", "--tls-cert");
    if ("tls" in known) known["tls"] = besideCertificate(known["tls"], options);
  }
  // A framework's object has fields for its own use; those of an object literal were meant.
  const isLiteral = Object.getPrototypeOf(fields) === Object.prototype;
  for (const name of isLiteral ? Object.keys(fields) : []) {
    if (name === "fetch" || fields[name] === undefined || isTaken(handler, name)) continue;
    const flag = overruling.get(name);
    if (flag !== undefined) {
      // A certificate and its key are not for the log.
      const given = name === "tls" ? name : `${name} ${String(fields[name])}`;
      remarks.warn("the handler's {given} gives way to {flag}", { given, flag });
    } else if (!(name in known)) {
      remarks.warn("the handler's field {name} means nothing to {runtime} and is ignored", {
        name,
        runtime: runtime.name,
      });
    }
  }
  return known;
}

/** What a `tls` has for the certificate: `--tls-cert` and `--tls-key` stand for that. */
const certificateFields = ["cert", "certFile", "key", "keyFile", "passphrase", "serverName"];

/** What a `tls` says of who is let in. */
const clientFields = ["ca", "caFile", "requestCert", "rejectUnauthorized"];

function hasCertificate(tls: unknown): boolean {
  return Array.isArray(tls) || certificateFields.some((name) => name in Object(tls));
}

/** What holds of a handler's own `tls` where the certificate is another one. */
function besideCertificate(given: unknown, { tls, tellImports }: AppOptions): object {
  if (Array.isArray(given)) {
    if (tls?.clientCa !== undefined || tellImports || !given.some(asksClients)) return {};
    throw new Error(
      "the handler's tls asks clients for certificates by the name of the server, which --tls-cert " +
        "cannot keep: give --tls-client-ca, or leave --tls-cert away",
    );
  }
  const dropped = [...certificateFields];
  // The proxy of hot reload is the only client.
  if (tls?.clientCa !== undefined || tellImports) {
    const flag = tellImports ? "--watch" : "--tls-client-ca";
    if (asksClients(given)) {
      remarks.warn("the handler's tls.requestCert gives way to {flag}", { flag });
    }
    dropped.push(...clientFields);
  }
  return Object.fromEntries(
    Object.entries(Object(given)).filter(([name]) => !dropped.includes(name)),
  );
}

function asksClients(tls: unknown): boolean {
  return Boolean(Object(tls).requestCert);
}

/** Has a field of the default export been taken for what a module exports beside it? */
function isTaken(handler: WebHandler, name: string): boolean {
  return (name === "checks" || name === "onDrain" || name === "onShutdown") &&
    handler.fields[name] === handler[name];
}
