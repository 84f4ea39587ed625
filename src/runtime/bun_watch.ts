import { watch } from "node:fs";
import { basename, join } from "node:path";
import type { DirectoryListener } from "./runtime.ts";

/** Bun's part of `Runtime.watchDirectory`. */
export function watchDirectory(
  directory: string,
  { changed, failed }: DirectoryListener,
): { close(): void } {
  const watcher = watch(directory, (event, name) => {
    // What happens to the directory itself has its own name; something in it may have the same.
    const own = name === null || (event === "rename" && name === basename(directory));
    changed(own ? directory : join(directory, name));
  });
  watcher.on("error", failed);
  return watcher.unref();
}
