import { createHash } from "node:crypto";
import { lstatSync, readFileSync, readlinkSync, type Stats } from "node:fs";

/** What a file is known by; `undefined`: there is none. */
export type Signature = {
  /** Changes whenever the file is written, replaced or touched. */
  readonly stamp: string;
  /** Sum of the content; larger files have none. */
  readonly content: string | undefined;
  readonly empty: boolean;
  /** When it was written or put in its place, in milliseconds since 1970. */
  readonly since: number;
} | undefined;

/** The content of larger files is not read, in bytes: no source is that long. */
const longestRead = 1024 * 1024;

/**
 * The signature of a file as it is now. A symbolic link is its target's path; whoever wants to know of
 * the target's content asks for the target.
 */
export function signatureOf(path: string): Signature {
  const stat = statOf(path);
  if (stat === undefined) return undefined;
  // Deno gives the time of the inode's change in whole seconds.
  const since = Math.max(stat.mtimeMs, stat.ctimeMs);
  const content = stat.isFile() && stat.size <= longestRead ? sumOf(path) : undefined;
  return { stamp: stampOf(path, stat), content, empty: stat.size === 0, since };
}

/** The part of a signature that can be had without reading the file. */
export function stampAt(path: string): string | undefined {
  const stat = statOf(path);
  return stat === undefined ? undefined : stampOf(path, stat);
}

/** Is the content the same, whether or not the file was written again? */
export function sameContent(one: Signature, other: Signature): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (one.content === undefined || other.content === undefined) return one.stamp === other.stamp;
  return one.content === other.content;
}

/** A directory is no file: where one was expected, there is none. */
function statOf(path: string): Stats | undefined {
  try {
    const stat = lstatSync(path);
    return stat.isFile() || stat.isSymbolicLink() ? stat : undefined;
  } catch {
    // ENOENT, ENOTDIR, EACCES …: whatever the reason, the runtime that imports it finds no file either.
    return undefined;
  }
}

function stampOf(path: string, stat: Stats): string {
  if (stat.isSymbolicLink()) return `-> ${target(path)}`;
  return `${stat.mtimeMs} ${stat.size} ${stat.ino}`;
}

function target(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // It was removed between the two looks; the next one tells.
    return "";
  }
}

function sumOf(path: string): string | undefined {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("base64");
  } catch {
    // Removed in between, or not readable: the stamp has to do.
    return undefined;
  }
}
