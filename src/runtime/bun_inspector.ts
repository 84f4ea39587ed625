import process from "node:process";

/**
 * Opens Bun's inspector on a free port of 127.0.0.1 and gives its URL.
 *
 * It says on standard error where it listens, or why it cannot: the log says the first, and the error
 * thrown here the second. Not `--inspect` or `BUN_INSPECT`, which every program that the handler
 * starts would inherit, and which speak WebKit's protocol instead of the one that Deno speaks, too.
 */
export async function openInspector(): Promise<string> {
  const { open, url } = await import("node:inspector");
  const { write } = process.stderr;
  let said = "";
  process.stderr.write = (text: string | Uint8Array): boolean => {
    said += text;
    return true;
  };
  try {
    open(0, "127.0.0.1");
  } finally {
    process.stderr.write = write;
  }
  const opened = url();
  if (opened === undefined) throw new Error(`the inspector cannot be opened: ${said.trim()}`);
  return opened;
}
