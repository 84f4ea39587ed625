/**
 * Why it ended, for `kubectl describe pod`: the file that a kubelet reads when a container has ended
 * (https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/).
 *
 * @module
 */
import { closeSync, constants, ftruncateSync, openSync, writeSync } from "node:fs";
import { messageOf } from "../errors.ts";
import { logger } from "../log.ts";

const log = logger("supervisor");

/** Where a kubelet looks, unless a pod says otherwise. */
const terminationLog = "/dev/termination-log";

/** How much of it a kubelet reads, in bytes. */
const longest = 4096;

/** Stands for what is left out. */
const gap = "\n…\n";

/**
 * Writes why the service ends, where there is such a file: it is never made, for without a kubelet
 * nobody would read it.
 *
 * @param what `cannot start`, or what else it does not do any more
 * @param reason why, in a line
 * @param trace where that happened, or what a command wrote last; may begin with the reason
 */
export function tellTermination(
  what: string,
  reason: string,
  trace: string,
  path = terminationLog,
): void {
  const text = `${what}: ${trace.startsWith(reason) ? trace : `${reason}\n${trace}`}`;
  try {
    const file = openSync(path, constants.O_WRONLY);
    try {
      ftruncateSync(file);
      writeSync(file, withoutMiddle(text));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    log.debug("{path} cannot be written: {error}", { path, error: messageOf(error) });
  }
}

/** Of a text that is too long the beginning, which says what happened, and the end, the last lines. */
function withoutMiddle(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= longest) return text;
  const half = Math.floor((longest - Buffer.byteLength(gap)) / 2);
  // A character that is cut would become one of three bytes.
  const head = bytes.subarray(0, half).toString().replace(/\ufffd$/, "");
  const tail = bytes.subarray(-half).toString().replace(/^\ufffd+/, "");
  return head + gap + tail;
}
