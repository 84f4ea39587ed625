import { console as nativeConsole } from "../natives.ts";
import { whenClientLeaves as whenAborted } from "./native_signal.ts";

/** How the warning begins that Deno prints once, when a request is answered whose signal was asked for. */
const warning = "Deno.serve: request.signal aborts on successful responses";

let quiet = false;

/** Deno's part of `Runtime.whenClientLeaves`. The signal is aborted after each answer as well. */
export function whenClientLeaves(request: Request, left: () => void): void {
  keepQuiet();
  whenAborted(request, left);
}

/**
 * Keeps a warning from being printed that blames the handler for what Hurricane did. No other is kept
 * back. There is no way around it: nothing else tells of a client that leaves.
 */
export function keepQuiet(): void {
  if (quiet) return;
  quiet = true;
  // Deno itself takes whatever stands there now, and fails where nothing does.
  const console = globalThis.console ??= nativeConsole;
  const { warn } = console;
  const others = (...given: unknown[]): void => {
    if (typeof given[0] !== "string" || !given[0].startsWith(warning)) {
      warn.apply(console, given);
    } else if (console.warn === others) console.warn = warn;
  };
  console.warn = others;
}
