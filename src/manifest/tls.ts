/**
 * The files of `--tls-cert`, `--tls-key` and `--tls-client-ca` in a pod: a Secret, mounted where they are looked for.
 *
 * @module
 */
import { basename, dirname, normalize } from "node:path/posix";
import type { ServiceOptions } from "../options/service_options.ts";
import type { Container, Volume } from "./kubernetes.ts";
import { kubectlIn } from "./metadata.ts";
import { note, type Noted } from "./note.ts";
import type { ManifestOptions } from "./options.ts";

/** The name of the volume. */
const tls = "tls";

/** Where the volume is mounted; nothing without TLS. */
export function tlsMounts(service: ServiceOptions): Container["volumeMounts"] {
  // The directory, and no file in it: a single file would never change when the Secret does.
  return filesOf(service).slice(0, 1)
    .map(({ directory }) => ({ name: tls, mountPath: directory, readOnly: true }));
}

/** The volume with the files; nothing without TLS. */
export function tlsVolumes({ name, namespace, service }: ManifestOptions): Noted<Volume>[] {
  const files = filesOf(service);
  if (files.length === 0) return [];
  const secretName = `${name}-tls`;
  const named = files.every(({ key, path }) => key === path);
  const items = named ? undefined : files.map(({ key, path }) => ({ key, path }));
  const create = service.tlsClientCa === undefined
    ? `tls ${secretName} --cert=FILE --key=FILE`
    : `generic ${secretName} ${files.map(({ key }) => `--from-file=${key}=FILE`).join(" ")}`;
  const comment = [
    `${kubectlIn(namespace)} create secret ${create}`,
    // Its ca.crt is who has signed the server's certificate, which says nothing of clients.
    ...service.tlsClientCa === undefined
      ? [`or a Certificate of cert-manager with secretName: ${secretName}`]
      : [],
    `after a renewal: SIGHUP, or ${kubectlIn(namespace)} rollout restart deployment ${name}`,
  ];
  return [{ name: tls, secret: note({ secretName, items }, comment.join("\n")) }];
}

/** Why the files cannot be those of a Secret that is mounted; `undefined` if they can. */
export function whyNoSecret(service: ServiceOptions): string | undefined {
  const files = filesOf(service);
  if (files[0] === undefined) return undefined;
  const { directory } = files[0];
  const ofOwn = directory.startsWith("/") && directory !== "/" && directory !== "/tmp";
  const together = files.every((file) => file.directory === directory);
  if (ofOwn && together && new Set(files.map(({ path }) => path)).size === files.length) {
    return undefined;
  }
  const count = files.length === 2 ? "two" : "three";
  return `must be ${count} files of one directory of their own, by absolute paths such as ` +
    "/etc/tls/tls.crt: a Secret is mounted there";
}

/** The certificate, its key and the clients' authorities: their keys in a Secret of the type `kubernetes.io/tls`, and paths. */
function filesOf({ tlsCert, tlsKey, tlsClientCa }: ServiceOptions) {
  if (tlsCert === undefined || tlsKey === undefined) return [];
  const file = (key: string, path: string) => {
    const plain = normalize(path);
    return { key, directory: dirname(plain), path: basename(plain) };
  };
  const clientCa = tlsClientCa === undefined ? [] : [file("ca.crt", tlsClientCa)];
  return [file("tls.crt", tlsCert), file("tls.key", tlsKey), ...clientCa];
}
