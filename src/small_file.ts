import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { messageOf } from "./errors.ts";
import { Buffer } from "./natives.ts";

/** Not to wait for the other end of a named pipe. Links are followed: Kubernetes mounts files so. */
const readOnly = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Reads a file that somebody has named and that is small where it is the right one: a pipe would be
 * waited for, and a device may never end.
 *
 * @param limit in bytes
 * @throws {Error} The message says why it cannot be read, as the end of a sentence.
 */
export function readSmallFile(path: string, limit: number): string {
  let file: number | undefined;
  try {
    file = openSync(path, readOnly);
    const stat = fstatSync(file);
    if (stat.isDirectory()) throw new Error(obstacles["EISDIR"]);
    if (!stat.isFile()) throw new Error("it is no regular file, but a pipe, a socket or a device");
    return readAll(file, limit);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new Error(obstacles[code] ?? messageOf(error), { cause: error });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

const obstacles: Record<string, string> = {
  ENOENT: "there is no such file",
  EACCES: "this user may not; make the file readable for it",
  EISDIR: "it is a directory; give the file in it",
  // Of a socket.
  ENXIO: "it is no regular file, but a pipe, a socket or a device",
};

/** Its size is not asked: files of the kernel tell none. */
function readAll(file: number, limit: number): string {
  const buffer = Buffer.alloc(limit + 1);
  let size = 0;
  for (let read = -1; read !== 0 && size <= limit; size += read) {
    read = readSync(file, buffer, size, buffer.length - size, null);
  }
  if (size > limit) throw new Error(`it is longer than ${limit / 1024} KB`);
  return buffer.toString("utf8", 0, size);
}
