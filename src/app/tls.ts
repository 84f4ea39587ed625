/**
 * The files of `--tls-cert`, `--tls-key` and `--tls-client-ca`: read, and checked before anything relies on them.
 *
 * @module
 */
import type { KeyObject, X509Certificate } from "node:crypto";
import { resolve as absolute } from "node:path";
import process from "node:process";
import { messageOf } from "../errors.ts";
import type { ServiceOptions } from "../options/service_options.ts";
import type { TlsListenOptions } from "../runtime/runtime.ts";
import { Date, JSON } from "../natives.ts";
import { readSmallFile } from "../small_file.ts";

/** Paths of a certificate, with the chain that follows it, and of its key, in PEM (RFC 7468). */
export interface TlsFiles {
  cert: string;
  key: string;
  /** The authorities whose certificates clients must have; left out: clients are not asked. */
  clientCa?: string;
}

/** What whoever gave the options calls them. */
export type TlsNames = Record<keyof TlsFiles, string>;

/** The files cannot be served with. The message is one line that names option and file. */
export class TlsError extends Error {
  override name = "TlsError";
}

const flags: TlsNames = {
  cert: "--tls-cert",
  key: "--tls-key",
  clientCa: "--tls-client-ca",
};

/** The files that the options name, if they do, by absolute paths: a handler may go elsewhere. */
export function tlsFiles(
  { tlsCert, tlsKey, tlsClientCa }: Pick<ServiceOptions, "tlsCert" | "tlsKey" | "tlsClientCa">,
): { tls?: TlsFiles } {
  if (tlsCert === undefined || tlsKey === undefined) return {};
  const clientCa = tlsClientCa === undefined ? {} : { clientCa: absolute(tlsClientCa) };
  return { tls: { cert: absolute(tlsCert), key: absolute(tlsKey), ...clientCa } };
}

/**
 * Can a handler be served with these files?
 *
 * @param names What an error calls them. Default: the flags.
 * @returns A warning where a certificate is not valid now.
 * @throws {TlsError} They cannot be read, hold something else, or do not belong together.
 */
export function checkTls(files: TlsFiles, names: TlsNames = flags): { warning?: string } {
  const { warning } = readAndCheck(files, names);
  return warning === undefined ? {} : { warning };
}

/**
 * Reads the files for a listener.
 *
 * @throws {TlsError} As {@linkcode checkTls} does.
 */
export function readTls(files: TlsFiles): TlsListenOptions {
  return readAndCheck(files, flags).options;
}

/** What is returned is what was checked, without whatever else stands in the files. */
function readAndCheck(
  files: TlsFiles,
  names: TlsNames,
): { options: TlsListenOptions; warning: string | undefined } {
  const certFile = `${names.cert} ${JSON.stringify(files.cert)}`;
  const keyFile = `${names.key} ${JSON.stringify(files.key)}`;
  const swapped = `; are ${names.cert} and ${names.key} swapped?`;
  const certs = certificatesIn(read(files.cert, certFile), certFile, swapped);
  const key = keyIn(read(files.key, keyFile), keyFile, names);
  const chain = parseChain(certs, certFile);
  const privateKey = parseKey(key, keyFile);
  const owner = chain.findIndex((certificate) => certificate.checkPrivateKey(privateKey));
  if (owner < 0) {
    throw new TlsError(
      `${keyFile} does not belong to the certificate of ${certFile}: give the key that it was made for`,
    );
  }
  if (owner > 0) {
    throw new TlsError(
      `${certFile}: the key of ${keyFile} belongs to certificate ${
        owner + 1
      } in it: put that one ` +
        "first, and those of its authorities after it",
    );
  }
  const clients = files.clientCa === undefined ? {} : clientsOf(files.clientCa, names);
  return {
    options: { cert: certs.join(""), key, ...clients },
    warning: invalidity(chain, certFile),
  };
}

/** Whom to let in: whoever has a certificate of these authorities. */
function clientsOf(file: string, names: TlsNames): Partial<TlsListenOptions> {
  const name = `${names.clientCa} ${JSON.stringify(file)}`;
  const authorities = certificatesIn(read(file, name), name, "; give the authority's certificate");
  parseChain(authorities, name);
  return { ca: authorities.join(""), requestCert: true, rejectUnauthorized: true };
}

/** The longest file that is read, in bytes: that of the authorities of the whole web has 220 KB. */
const longestFile = 1024 * 1024;

function read(file: string, name: string): string {
  try {
    return readSmallFile(file, longestFile);
  } catch (error) {
    throw new TlsError(`${name} cannot be read: ${messageOf(error)}`);
  }
}

/** The blocks of a PEM file whose labels match. One that is cut off is taken as far as it goes. */
function blocks(text: string, label: RegExp): string[] {
  return text.split(/(?=-----BEGIN )/)
    .filter((block) => label.test(/^-----BEGIN ([^-\r\n]*)-----/.exec(block)?.[1] ?? ""))
    .map((block) => block.replace(/(-----END [^-\r\n]*-----)[^]*$/, "$1\n"));
}

const certificateLabel = /^CERTIFICATE$/;
const keyLabel = /PRIVATE KEY$/;

function certificatesIn(text: string, name: string, advice: string): string[] {
  const found = blocks(text, certificateLabel);
  if (found.length > 0) return found;
  const hint = blocks(text, keyLabel).length > 0
    ? `but a private key${advice}`
    : "in PEM, which begins with -----BEGIN CERTIFICATE-----";
  throw new TlsError(`${name} holds no certificate ${hint}`);
}

function keyIn(text: string, name: string, names: TlsNames): string {
  const [block] = blocks(text, keyLabel);
  if (block !== undefined) return block;
  const hint = blocks(text, certificateLabel).length > 0
    ? `but a certificate; are ${names.cert} and ${names.key} swapped?`
    : "in PEM, which begins with -----BEGIN PRIVATE KEY-----";
  throw new TlsError(`${name} holds no private key ${hint}`);
}

/** Late: it takes 7 ms of a start on Bun, and most services need none. */
function cryptography(): typeof import("node:crypto") {
  return process.getBuiltinModule("node:crypto");
}

function parseChain(certs: string[], name: string): X509Certificate[] {
  const { X509Certificate } = cryptography();
  return certs.map((cert, index) => {
    try {
      return new X509Certificate(cert);
    } catch (error) {
      throw new TlsError(
        `${name}: certificate ${index + 1} of ${certs.length} in it cannot be read ` +
          `(${messageOf(error)}); write the file anew`,
      );
    }
  });
}

function parseKey(key: string, name: string): KeyObject {
  if (/^-----BEGIN ENCRYPTED|^Proc-Type:.*ENCRYPTED/m.test(key)) {
    throw new TlsError(
      `${name} is encrypted, and nobody can be asked for its passphrase: decrypt it, as in ` +
        "openssl pkey -in FILE -out tls.key",
    );
  }
  try {
    return cryptography().createPrivateKey(key);
  } catch (error) {
    throw new TlsError(
      `${name}: the private key in it cannot be read (${messageOf(error)}); write the file anew`,
    );
  }
}

/** Clients refuse such a certificate, but some are told not to look. */
function invalidity(chain: X509Certificate[], name: string): string | undefined {
  const now = new Date();
  for (const [index, { validFromDate: from, validToDate: to }] of chain.entries()) {
    const which = index === 0 ? "the certificate" : `certificate ${index + 1}`;
    if (to < now) return `${which} of ${name} expired on ${to.toISOString()}`;
    if (from > now) return `${which} of ${name} is not valid before ${from.toISOString()}`;
  }
  return undefined;
}
