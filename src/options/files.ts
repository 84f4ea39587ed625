/**
 * Whether the files and directories that options name can be served with. Only who serves asks: a
 * manifest is made and an executable is built where they are not.
 *
 * @module
 */
import { accessSync, constants, statSync } from "node:fs";
import { resolve as absolute } from "node:path";
import { parseStaticSite } from "../app/static/site.ts";
import { checkTls, TlsError, tlsFiles, type TlsNames } from "../app/tls.ts";
import { runtime } from "../runtime/mod.ts";
import type { ServiceOptions } from "./service_options.ts";
import { quote, UsageError } from "./usage_error.ts";

/**
 * Refuses directories that cannot be served from here.
 *
 * @param values As they are given to `--static`; their form has been checked.
 * @param name What the user calls the option.
 * @throws {UsageError} The first one that is not there, or is no directory.
 */
export function requireDirectories(values: readonly string[], name: string): void {
  for (const value of values) {
    const obstacle = whyNoDirectory(absolute(parseStaticSite(value).directory));
    if (obstacle !== undefined) throw new UsageError(`${name} ${quote(value)}: ${obstacle}`);
  }
}

function whyNoDirectory(path: string): string | undefined {
  try {
    if (!statSync(path).isDirectory()) return `${path} is no directory`;
    accessSync(path, constants.R_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return `there is no directory ${path}`;
    return code === "EACCES"
      ? `${path} cannot be read (EACCES): look at its permissions, and at those above it`
      : `${path} cannot be reached (${code})`;
  }
}

/**
 * Refuses a certificate and a key, if they are given, that cannot be served with.
 *
 * @param names What an error calls the options. Default: the flags.
 * @returns Warnings for the log: a certificate that is not valid now.
 * @throws {UsageError} They cannot be read, or do not belong together.
 */
export function requireTlsFiles(
  options: Pick<ServiceOptions, "tlsCert" | "tlsKey" | "tlsClientCa">,
  names?: TlsNames,
): string[] {
  const { tls } = tlsFiles(options);
  if (tls === undefined) return [];
  if (tls.clientCa !== undefined && !runtime.asksClients) {
    throw new UsageError(
      `${names?.clientCa ?? "--tls-client-ca"} needs Bun or the executable: the server of ` +
        `${runtime.name} cannot ask clients for certificates; let a proxy in front of it do that`,
    );
  }
  try {
    const { warning } = checkTls(tls, names);
    return warning === undefined ? [] : [warning];
  } catch (error) {
    if (error instanceof TlsError) throw new UsageError(error.message);
    throw error;
  }
}
