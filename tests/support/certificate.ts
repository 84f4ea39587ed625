/**
 * Certificates for tests: X.509 by hand (RFC 5280), for no runtime makes them, and keys do not belong
 * into a repository.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** What can be set for {@linkcode certificate}. */
export interface CertificateOptions {
  /** The common name. Default `localhost`. */
  name?: string;
  /** Who signs it, an authority. Default: itself. */
  issuer?: Certificate;
  /** May it sign others? Default: no. */
  authority?: boolean;
  notBefore?: Date;
  notAfter?: Date;
  /** Default: a new one. */
  keys?: KeyPair;
}

/** A certificate and its key. */
export interface Certificate {
  name: string;
  keys: KeyPair;
  /** The certificate. */
  cert: string;
  /** The key, in PKCS #8. */
  key: string;
}

interface KeyPair {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

const day = 24 * 60 * 60 * 1000;

/** A new pair of keys, on the curve P-256. */
export function keyPair(): KeyPair {
  return generateKeyPairSync("ec", { namedCurve: "prime256v1" });
}

/** A certificate for `localhost` and 127.0.0.1, valid for a day unless told otherwise. */
export function certificate(options: CertificateOptions = {}): Certificate {
  const { name = "localhost", authority = false, issuer, keys = keyPair() } = options;
  const { notBefore = new Date(Date.now() - day), notAfter = new Date(Date.now() + day) } = options;
  const content = sequence(
    tagged(0xa0, integer(2)),
    integer(++serial),
    ecdsaWithSha256,
    commonName(issuer?.name ?? name),
    sequence(time(notBefore), time(notAfter)),
    commonName(name),
    keys.publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(...extensions(authority))),
  );
  const signature = sign("sha256", content, issuer?.keys.privateKey ?? keys.privateKey);
  return {
    name,
    keys,
    cert: pem(sequence(content, ecdsaWithSha256, bits(signature))),
    key: String(keys.privateKey.export({ type: "pkcs8", format: "pem" })),
  };
}

let serial = 0;

/** Subject alternative names; and, for an authority, that it is one. */
function extensions(authority: boolean): Buffer[] {
  const names = sequence(
    tagged(0x82, Buffer.from("localhost")),
    tagged(0x87, Buffer.from([127, 0, 0, 1])),
  );
  const subjectAltName = sequence(identifier("551d11"), tagged(0x04, names));
  const yes = tagged(0x01, Buffer.from([0xff]));
  const basicConstraints = sequence(identifier("551d13"), yes, tagged(0x04, sequence(yes)));
  return authority ? [subjectAltName, basicConstraints] : [subjectAltName];
}

function commonName(name: string): Buffer {
  const attribute = sequence(identifier("550403"), tagged(0x0c, Buffer.from(name)));
  return sequence(tagged(0x31, attribute));
}

/** An object identifier, its content in hexadecimal. */
function identifier(content: string): Buffer {
  return tagged(0x06, Buffer.from(content, "hex"));
}

const ecdsaWithSha256 = sequence(identifier("2a8648ce3d040302"));

function integer(value: number): Buffer {
  return tagged(0x02, Buffer.from([value]));
}

/** GeneralizedTime: `20260131235959Z`. RFC 5280 wants UTCTime before 2050; all readers take both. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/\..*$/, "").replaceAll(/\D/g, "");
  return tagged(0x18, Buffer.from(`${digits}Z`));
}

function bits(content: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), content]));
}

function sequence(...items: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(items));
}

/** One value of DER: tag, length, content. */
function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80
    ? [length]
    : length < 0x100
    ? [0x81, length]
    : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function pem(der: Buffer): string {
  const lines = der.toString("base64").replaceAll(/.{1,64}/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`;
}
