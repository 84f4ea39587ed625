import { describe, test } from "node:test";
import { assertEquals, assertFalse, assertStringIncludes, assertThrows } from "@std/assert";
import { generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { checkTls, readTls, TlsError, tlsFiles } from "../../src/app/tls.ts";
import { certificate, keyPair } from "../support/certificate.ts";
import { TempDir } from "../support/temp_dir.ts";

const server = certificate();

/** Writes both files and checks them. */
function check(cert: string | Uint8Array, key: string): ReturnType<typeof checkTls> {
  using dir = new TempDir();
  return checkTls({ cert: dir.file("tls.crt", cert), key: dir.file("tls.key", key) });
}

function refusal(cert: string | Uint8Array, key: string): string {
  const { message } = assertThrows(() => check(cert, key), TlsError);
  assertFalse(message.includes("\n"), message);
  return message;
}

/** Certificate and key, changed by a text that they do not end with. */
const cutOff = (pem: string): string => pem.slice(0, pem.length / 2);

function exported(privateKey: KeyObject, type: "pkcs1" | "pkcs8" | "sec1", passphrase?: string) {
  const encryption = passphrase === undefined ? {} : { cipher: "aes-256-cbc", passphrase };
  return String(privateKey.export({ type, format: "pem", ...encryption }));
}

describe("a certificate and its key", () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const ec = server.keys.privateKey;
  const authority = certificate({ name: "authority", authority: true });
  const signed = certificate({ issuer: authority });
  const comment = "subject=CN = localhost\n";

  const accepted: Record<string, [cert: string, key: string]> = {
    "as they are made most": [server.cert, exported(ec, "pkcs8")],
    "with an older form of the key": [server.cert, exported(ec, "sec1")],
    "with lines that end as on Windows": [server.cert, server.key].map((text) =>
      text.replaceAll("\n", "\r\n")
    ) as [string, string],
    "with other text around them": [
      comment + server.cert + comment,
      comment + server.key + comment,
    ],
    "in one file": [server.key + server.cert, server.key + server.cert],
    "with the chain": [signed.cert + authority.cert, signed.key],
  };
  for (const [name, [cert, key]] of Object.entries(accepted)) {
    test(`are accepted ${name}`, () => {
      assertEquals(check(cert, key), {});
    });
  }

  const refused: Record<string, [cert: string | Uint8Array, key: string, ...fragments: string[]]> =
    {
      "an empty certificate": ["", server.key, "--tls-cert", "/tls.crt", "holds no certificate"],
      "an empty key": [server.cert, "", "--tls-key", "/tls.key", "holds no private key"],
      "a certificate that is not PEM": [
        new X509Certificate(server.cert).raw,
        server.key,
        "--tls-cert",
        "-----BEGIN CERTIFICATE-----",
      ],
      "a certificate that is cut off": [
        cutOff(server.cert),
        server.key,
        "--tls-cert",
        "certificate 1 of 1 in it cannot be read",
      ],
      "a chain that is cut off": [
        signed.cert + cutOff(authority.cert),
        signed.key,
        "certificate 2 of 2 in it cannot be read",
      ],
      "a key that is cut off": [
        server.cert,
        cutOff(server.key),
        "--tls-key",
        "the private key in it cannot be read",
      ],
      "both in each other's place": [
        server.key,
        server.cert,
        "--tls-cert",
        "are --tls-cert and --tls-key swapped?",
      ],
      "the certificate twice": [server.cert, server.cert, "--tls-key", "but a certificate"],
      "a key that does not belong to it": [
        server.cert,
        exported(keyPair().privateKey, "pkcs8"),
        "--tls-key",
        "/tls.key",
        "does not belong",
        "--tls-cert",
        "/tls.crt",
      ],
      "a key of another kind": [server.cert, exported(rsa.privateKey, "pkcs1"), "does not belong"],
      "a chain that begins with the authority": [
        authority.cert + signed.cert,
        signed.key,
        "belongs to certificate 2 in it: put that one first",
      ],
      "an encrypted key": [
        server.cert,
        exported(ec, "pkcs8", "secret"),
        "--tls-key",
        "is encrypted",
        "openssl pkey",
      ],
      "a key that is encrypted in the old way": [
        server.cert,
        "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n" +
        "DEK-Info: AES-128-CBC,00000000000000000000000000000000\n\nAAAA\n-----END EC PRIVATE KEY-----\n",
        "is encrypted",
      ],
    };
  for (const [name, [cert, key, ...fragments]] of Object.entries(refused)) {
    test(`are refused: ${name}`, () => {
      const message = refusal(cert, key);
      for (const fragment of fragments) assertStringIncludes(message, fragment);
    });
  }

  test("are refused where they cannot be read", () => {
    using dir = new TempDir();
    const there = dir.file("tls.crt", server.cert);
    const missing = join(dir.path, "missing");
    const read = (cert: string, key: string): string =>
      assertThrows(() => checkTls({ cert, key }), TlsError).message;
    assertEquals(
      read(missing, there),
      `--tls-cert ${JSON.stringify(missing)} cannot be read: there is no such file`,
    );
    assertStringIncludes(read(there, missing), `--tls-key ${JSON.stringify(missing)} cannot be`);
    assertStringIncludes(read(dir.path, there), "it is a directory");
  });

  test("come with the clients' authorities, which are checked, too", () => {
    using dir = new TempDir();
    const [cert, key] = [dir.file("tls.crt", server.cert), dir.file("tls.key", server.key)];
    const ca = authority.cert + signed.cert;
    assertEquals(readTls({ cert, key, clientCa: dir.file("ca.crt", `${ca}\nnotes`) }), {
      cert: server.cert,
      key: server.key,
      ca,
      requestCert: true,
      rejectUnauthorized: true,
    });
    for (const [text, reason] of [["hello", "holds no certificate"], [server.key, "private key"]]) {
      const clientCa = dir.file("wrong.crt", text ?? "");
      const { message } = assertThrows(() => checkTls({ cert, key, clientCa }), TlsError);
      assertStringIncludes(message, `--tls-client-ca ${JSON.stringify(clientCa)} `);
      assertStringIncludes(message, reason ?? "");
    }
  });

  test("are refused by the names that a program has for them", () => {
    const names = { cert: "tlsCert", key: "tlsKey", clientCa: "tlsClientCa" };
    const files = { cert: "missing", key: "missing" };
    const message = assertThrows(() => checkTls(files, names), TlsError).message;
    assertStringIncludes(message, `tlsCert "missing"`);
  });

  test("are only warned of where they are not valid now", () => {
    const year = (number: number) => new Date(`${number}-01-01T00:00:00Z`);
    const made = (from: number, to: number, issuer?: typeof authority) =>
      certificate({
        notBefore: year(from),
        notAfter: year(to),
        ...(issuer === undefined ? { authority: true } : { issuer }),
      });
    const warning = ({ cert, key }: typeof server, chain = ""): string =>
      check(cert + chain, key).warning?.replace(/"[^"]*"/, "FILE") ?? "none";
    const [past, future] = [made(2001, 2002), made(2101, 2102)];
    assertEquals(
      warning(past),
      "the certificate of --tls-cert FILE expired on 2002-01-01T00:00:00.000Z",
    );
    assertEquals(
      warning(future),
      "the certificate of --tls-cert FILE is not valid before 2101-01-01T00:00:00.000Z",
    );
    assertEquals(
      warning(made(2001, 2101, past), past.cert),
      "certificate 2 of --tls-cert FILE expired on 2002-01-01T00:00:00.000Z",
    );
  });
});

test("what has been checked is what a listener gets", () => {
  using dir = new TempDir();
  const other = certificate();
  const files = {
    cert: dir.file("c", `text\n${server.cert}more\n${other.cert}`),
    key: dir.file("k", other.cert + server.key + other.key),
  };
  assertEquals(readTls(files), { cert: server.cert + other.cert, key: server.key });
  dir.file("k", other.key + server.key);
  assertThrows(() => readTls(files), TlsError, "belongs to certificate 2");
});

test("files are found wherever a handler goes, if both are given", () => {
  const { tls } = tlsFiles({ tlsCert: "a/b", tlsKey: "/c" });
  assertEquals(tls, { cert: join(process.cwd(), "a/b"), key: "/c" });
  assertEquals(tlsFiles({ tlsCert: "a" }), {});
  assertEquals(tlsFiles({}), {});
});
