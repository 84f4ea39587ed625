import type { DirectoryListener } from "./runtime.ts";
import { performance, Promise, setTimeout } from "../natives.ts";

/**
 * Deno's part of `Runtime.watchDirectory`.
 *
 * Not `fs.watch`: it gives the last part of a path alone, and Deno tells a watch of what others see, too:
 * of everything below its directory, and of links elsewhere that lead there.
 */
export function watchDirectory(
  directory: string,
  { changed, failed }: DirectoryListener,
): { close(): Promise<void> } {
  const watcher = Deno.watchFs(directory, { recursive: false });
  const tell = async (): Promise<void> => {
    for await (const { kind, paths } of watcher) {
      heardAt = performance.now();
      if (kind !== "access") paths.forEach(changed);
    }
  };
  tell().catch(failed);
  return { close: () => closeInSilence(watcher) };
}

/** How long nothing must have been heard before a watch is closed, in milliseconds. */
const silence = 200;

/** Where it is never silent, a watch is closed after so long. */
const longestWait = 10_000;

/** When something was heard last, of whichever watch. */
let heardAt = -Infinity;

/** The wait for silence that is under way. */
let silent: Promise<void> | undefined;

/**
 * To close a watch, Deno's (2.9) event loop stands still until all that was seen before has been told: of
 * a tree of 200 directories that was deleted, for up to half a minute. So it is closed when that is over.
 */
async function closeInSilence(watcher: Deno.FsWatcher): Promise<void> {
  silent ??= untilSilent().finally(() => silent = undefined);
  await silent;
  watcher.close();
}

async function untilSilent(): Promise<void> {
  const deadline = performance.now() + longestWait;
  heardAt = performance.now();
  while (performance.now() - heardAt < silence && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, silence / 4));
  }
}
