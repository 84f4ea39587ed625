/**
 * Packs a project for `hurricane build --extract`. It is a part of the program that Bun runs.
 *
 * @module
 */
import { createHash } from "node:crypto";
import {
  type Dirent,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { api } from "../runtime/bun_api.ts";
import { isPackage } from "../runtime/bun_imports.ts";
import type { Packed } from "./extracted.ts";

/** What is no part of a program: its history, its secrets, and what a build leaves for a moment. */
const left = /^(?:\.git|\.env.*|\.npmrc|\.hurricane-build-.*)$/;

/** Files that mostly are keys. They may be what the program needs, such as a CA's certificate. */
const secret = /\.(?:key|pem|p12|pfx)$/;

/** What Hurricane and each executable that it builds has in it, and other programs have not. */
const own = Buffer.from("/$bunfs/root/hurricane");

/** No executable of Hurricane's is smaller, in bytes: all that is need not be searched. */
const smallestExecutable = 50_000_000;

/**
 * Writes all of a project to an archive, but Hurricane and executables that it has built.
 *
 * @param without A file that is left out: the executable of the last time.
 * @returns What is known of it, and the files of the project's own that look like secrets.
 */
export async function pack(
  project: string,
  archive: string,
  without: string,
): Promise<{ packed: Packed; secrets: string[] }> {
  const secrets: string[] = [];
  const contents: Record<string, Uint8Array> = {};
  const files: Packed["files"] = {};
  const links: Packed["links"] = {};
  const take = (entry: Dirent): void => {
    const file = join(entry.parentPath, entry.name);
    if (left.test(entry.name) || file === without) return;
    const path = relative(project, file);
    if (entry.isDirectory()) readdirSync(file, { withFileTypes: true }).forEach(take);
    else if (entry.isSymbolicLink()) links[path] = readlinkSync(file);
    else if (entry.isFile()) {
      const { mtimeMs, mode } = statSync(file);
      const content = readFileSync(file);
      if (isExecutableOfOurs(content)) return;
      if (secret.test(entry.name) && !isPackage(file)) secrets.push(path);
      contents[path] = content;
      files[path] = [Math.floor(mtimeMs), mode & 0o777];
    }
  };
  readdirSync(project, { withFileTypes: true }).forEach(take);
  writeFileSync(archive, await new (api().Archive)(contents, { compress: "gzip" }).bytes());
  const hash = createHash("sha256").update(JSON.stringify([files, links]));
  for (const content of Object.values(contents)) hash.update(content);
  return {
    packed: { id: hash.digest("hex").slice(0, 16), files, links },
    secrets: secrets.toSorted(),
  };
}

function isExecutableOfOurs(content: Buffer): boolean {
  return content.length >= smallestExecutable && content.includes(own);
}
