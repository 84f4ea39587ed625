import { constants } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";
import { sep } from "node:path";
import { logger } from "../../log.ts";
import { Promise } from "../../natives.ts";

const log = logger("static");

/** A file that can be read. Whoever gets it closes it. */
export interface OpenFile {
  handle: FileHandle;
  /** Without a symbolic link in it. */
  path: string;
  /** In bytes. */
  size: number;
  /** When its content changed last, in milliseconds since the epoch. */
  modified: number;
}

/** Not to wait for the other end of a named pipe, and not to follow a link that was laid meanwhile. */
const readOnly = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** There is no such file, or it may not be read. All else (no descriptors left) is a failure. */
const absent = ["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP", "ENXIO"];
const forbidden = ["EACCES", "EPERM"];

/**
 * Opens a regular file that lies in a directory once all symbolic links are followed: one inside the
 * directory may be used (Kubernetes lays the files of a ConfigMap so), one out of it may not. The
 * directory may be a link itself, and may be laid anew at any time.
 *
 * Resolves with `undefined` where there is no such file. Rejects where that cannot be found out.
 */
export async function openWithin(directory: string, path: string): Promise<OpenFile | undefined> {
  try {
    const [root, real] = await Promise.all([realpath(directory), realpath(path)]);
    if (real.startsWith(root.endsWith(sep) ? root : root + sep)) return await openFile(real);
    log.debug("{path} is not served: it leads out of {root}, to {real}", { path, root, real });
    return undefined;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (absent.includes(code)) return undefined;
    if (!forbidden.includes(code)) throw error;
    log.warn("{path} is not served: it may not be read ({code})", { path, code });
    return undefined;
  }
}

async function openFile(path: string): Promise<OpenFile | undefined> {
  const handle = await open(path, readOnly);
  try {
    const stat = await handle.stat();
    if (stat.isFile()) return { handle, path, size: stat.size, modified: stat.mtimeMs };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}
