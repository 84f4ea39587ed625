import { closeSync, openSync, readSync } from "node:fs";

/** TCP states in `/proc/net/tcp`: https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html */
const [established, listening] = ["01", "0A"];

/** What the kernel holds for a listening port. */
export interface KernelQueue {
  /** Connections that nobody has accepted. */
  unaccepted: number;
  /** Open connections on which a request lies that nobody has read; counted only where asked for. */
  unread: number;
}

/**
 * Counts what waits in the kernel for a port, or `undefined` where it does not tell (not Linux).
 *
 * The connections that are not accepted are the `rx_queue` of a listening socket. A connection in
 * that queue has a row of its own, with the inode 0: such rows are the same ones once more.
 *
 * Listening sockets come first in the table. Without `unread` the rest is not read, so that the cost
 * does not grow with the number of open connections.
 */
export function kernelQueue(
  port: number,
  { unread, folder = "/proc/net" }: { unread: boolean; folder?: string },
): KernelQueue | undefined {
  const queue = { unaccepted: 0, unread: 0 };
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  let seen = false;
  for (const table of ["tcp", "tcp6"]) {
    for (const row of rows(`${folder}/${table}`)) {
      seen = true;
      const [, local, , state, queues, , , , , inode] = row.trim().split(/\s+/);
      if (state !== listening && !unread) break;
      if (local === undefined || !local.endsWith(suffix)) continue;
      const waiting = Number.parseInt(queues?.split(":")[1] ?? "0", 16);
      if (state === listening) queue.unaccepted += waiting;
      else if (state === established && inode !== "0" && waiting > 0) queue.unread++;
    }
  }
  return seen ? queue : undefined;
}

/** The rows below the heading, read as far as they are asked for. Nothing where there is no table. */
function* rows(path: string): Generator<string> {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    // No such table: another system, or a kernel without IPv6. The caller says so once.
    return;
  }
  try {
    const buffer = Buffer.allocUnsafe(64 * 1024);
    let rest = "";
    let heading = true;
    for (let size = readSync(file, buffer); size > 0; size = readSync(file, buffer)) {
      const lines = (rest + buffer.toString("latin1", 0, size)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (!heading) yield line;
        heading = false;
      }
    }
  } finally {
    closeSync(file);
  }
}
