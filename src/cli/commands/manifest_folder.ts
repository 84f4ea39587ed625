import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../errors.ts";
import { quote, UsageError } from "../../options/usage_error.ts";

/**
 * Writes files to a directory, which is made where it is missing: all of them, or none where one of them
 * is there already, for somebody may have changed it.
 *
 * @param files The text of each, by its name.
 * @throws {UsageError} Files that are there, or that cannot be written.
 */
export function writeFolder(directory: string, files: Readonly<Record<string, string>>): void {
  try {
    mkdirSync(directory, { recursive: true });
    const there = new Set(readdirSync(directory));
    const kept = Object.keys(files).filter((name) => there.has(name));
    if (kept.length > 0) {
      throw new UsageError(
        `--kustomize ${quote(directory)} has ${kept.join(", ")} already, and nothing is written: ` +
          "remove what is there, or give another directory",
      );
    }
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(directory, name), text, { flag: "wx" });
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--kustomize ${quote(directory)} cannot be written: ${messageOf(error)}`);
  }
}
