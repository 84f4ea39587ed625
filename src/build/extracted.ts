/**
 * What a program does that `hurricane build --extract` made, before it imports its handler.
 *
 * @module
 */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { api } from "../runtime/bun_api.ts";

/** What the executable holds: the archive, and a {@linkcode Packed} as JSON. */
export const archiveNames = { files: "project.tar.gz", packed: "project.json" } as const;

/** What an archive holds besides the contents of files. */
export interface Packed {
  /** Names the folder: another one for each content. */
  id: string;
  /** When each file was changed, in ms since 1970, and its mode. */
  files: Record<string, [time: number, mode: number]>;
  /** Where each symbolic link leads. */
  links: Record<string, string>;
}

/**
 * Extracts the project, where that has not been done, and returns the folder.
 *
 * Workers that start at the same time extract it each, and the first that is done wins.
 *
 * @param embedded Where the executable has what is embedded.
 * @throws {Error} The folder for temporary files cannot be written.
 */
export async function extracted(embedded: string): Promise<string> {
  const packed = JSON.parse(readFileSync(join(embedded, archiveNames.packed), "utf8")) as Packed;
  const folder = join(tmpdir(), `hurricane-${packed.id}-${process.getuid?.() ?? 0}`);
  if (isOurs(folder)) return folder;
  const partial = makeFolder();
  await new (api().Archive)(readFileSync(join(embedded, archiveNames.files))).extract(partial);
  for (const [path, [time, mode]] of Object.entries(packed.files)) {
    const file = join(partial, path);
    chmodSync(file, mode);
    // What clients keep goes by it, and is the same in all pods.
    utimesSync(file, time / 1000, time / 1000);
  }
  for (const [path, target] of Object.entries(packed.links)) {
    mkdirSync(dirname(join(partial, path)), { recursive: true });
    symlinkSync(target, join(partial, path));
  }
  try {
    renameSync(partial, folder);
    return folder;
  } catch (error) {
    // Somebody else's folder of this name: the own one has another.
    if (!isOurs(folder)) return partial;
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
    rmSync(partial, { recursive: true });
    return folder;
  }
}

function makeFolder(): string {
  try {
    mkdirSync(tmpdir(), { recursive: true });
    return mkdtempSync(join(tmpdir(), "hurricane-"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(
      `this executable extracts its files, and ${tmpdir()} cannot be written (${code}): mount a ` +
        "volume there (an emptyDir), or name another folder in TMPDIR",
    );
  }
}

/** Is there such a folder, and can nobody else have written to it? */
function isOurs(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return found !== undefined && found.isDirectory() && found.uid === process.getuid?.() &&
    (found.mode & 0o077) === 0;
}
