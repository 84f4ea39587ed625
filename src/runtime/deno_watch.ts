import type { DirectoryListener } from "./runtime.ts";

/**
 * Deno's part of `Runtime.watchDirectory`.
 *
 * Not `fs.watch`: it gives the last part of a path alone, and Deno tells a watch of what others see, too:
 * of everything below its directory, and of links elsewhere that lead there.
 */
export function watchDirectory(
  directory: string,
  { changed, failed }: DirectoryListener,
): { close(): void } {
  const watcher = Deno.watchFs(directory, { recursive: false });
  const tell = async (): Promise<void> => {
    for await (const { kind, paths } of watcher) {
      if (kind !== "access") paths.forEach(changed);
    }
  };
  tell().catch(failed);
  return watcher;
}
