/**
 * Flags that open Deno's inspector on a free port. With them, and not with `node:inspector` alone,
 * modules get the source maps that a debugger needs. Without `--quiet`, the inspector would write to
 * standard error, which is for the log, whenever a debugger comes or goes.
 */
export const inspectorFlags: readonly string[] = ["--inspect=127.0.0.1:0", "--quiet"];

/** The URL of Deno's inspector, which {@linkcode inspectorFlags} have opened. */
export async function openInspector(): Promise<string> {
  const { close, open, url } = await import("node:inspector");
  // An executable made by `deno compile` takes no flags.
  if (url() === undefined) open(0, "127.0.0.1");
  const opened = url();
  if (opened === undefined) throw new Error("the inspector cannot be opened");
  // Or a process that exits would wait for its debugger to detach.
  addEventListener("unload", () => close());
  return opened;
}
