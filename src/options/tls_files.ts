import { checkTls, TlsError, tlsFiles, type TlsNames } from "../app/tls.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Sees to it that the files of `--tls-cert` and `--tls-key`, if they are given, can be served with.
 *
 * This is no check of the options themselves: a manifest is made and an executable is built where the
 * files are not.
 *
 * @param names What an error calls the two options. Default: the flags.
 * @returns Warnings for the log: a certificate that is not valid now.
 * @throws {UsageError} They cannot.
 */
export function requireTlsFiles(
  options: { tlsCert?: string; tlsKey?: string },
  names?: TlsNames,
): string[] {
  const { tls } = tlsFiles(options);
  if (tls === undefined) return [];
  try {
    const { warning } = checkTls(tls.cert, tls.key, names);
    return warning === undefined ? [] : [warning];
  } catch (error) {
    if (error instanceof TlsError) throw new UsageError(error.message);
    throw error;
  }
}
