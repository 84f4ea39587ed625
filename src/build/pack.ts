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
import type { Packed } from "./extracted.ts";

/** What is no part of a program: its history, its secrets, and what a build leaves for a moment. */
const left = /^(?:\.git|\.env(?:\..*)?|\.hurricane-build-.*)$/;

/**
 * Writes all of a project to an archive.
 *
 * @param without A file that is left out: the executable of the last time.
 */
export async function pack(project: string, archive: string, without: string): Promise<Packed> {
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
      contents[path] = readFileSync(file);
      files[path] = [Math.floor(mtimeMs), mode & 0o777];
    }
  };
  readdirSync(project, { withFileTypes: true }).forEach(take);
  writeFileSync(archive, await new (api().Archive)(contents, { compress: "gzip" }).bytes());
  const hash = createHash("sha256").update(JSON.stringify([files, links]));
  for (const content of Object.values(contents)) hash.update(content);
  return { id: hash.digest("hex").slice(0, 16), files, links };
}
