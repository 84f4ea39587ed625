/**
 * The kernel's tables of sockets, `/proc/net/tcp` and `tcp6`:
 * https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
 *
 * @module
 */
import { closeSync, openSync, readdirSync, readlinkSync, readSync } from "node:fs";
import { Buffer } from "./natives.ts";

/** TCP states, as the tables write them. */
export const [established, listening] = ["01", "0A"];

/** A row has this length; one that is read alone costs no look at the next. */
const rowLength = 150;

/** A row: one socket. */
export interface Row {
  /** The local address, in hexadecimal. */
  address: string;
  port: number;
  state: string;
  /** Bytes that nobody has read; of a listening socket, connections. */
  unread: number;
  inode: string;
}

/** Reads a row; `undefined` for the heading. */
export function parseRow(line: string): Row | undefined {
  const [, local, , state, queues, , , , , inode] = line.trim().split(/\s+/);
  const [address = "", hexPort = ""] = local?.split(":") ?? [];
  const port = Number.parseInt(hexPort, 16);
  const unread = Number.parseInt(queues?.split(":")[1] ?? "", 16);
  if (Number.isNaN(port) || Number.isNaN(unread) || !state || !inode) return undefined;
  return { address, port, state, unread, inode };
}

/**
 * The inodes of all sockets that listen on a port, of whichever process and address.
 *
 * @param folder where the tables are
 */
export function listeningInodes(wanted: number, folder = "/proc/net"): Set<string> {
  const inodes = new Set<string>();
  for (const table of ["tcp", "tcp6"]) {
    for (const line of linesOf(`${folder}/${table}`)) {
      const row = parseRow(line);
      if (row !== undefined && row.state !== listening) break;
      if (row?.port === wanted) inodes.add(row.inode);
    }
  }
  return inodes;
}

/**
 * Did somebody else's socket listen on a port before any of those that these processes have on the same
 * address? The kernel lets programs of one user share a port (`SO_REUSEPORT`), also two that do not know
 * of each other. It keeps IPv4 sockets with the last one first, and those of IPv6 that share a port with
 * the last one last (`__inet_hash` in net/ipv4/inet_hashtables.c), so that of two that look after
 * they have listened exactly one was the first.
 *
 * @returns `false` where nothing can be told: another system, or processes that may not be looked at
 */
export function strangerWasFirst(
  port: number,
  pids: readonly (number | "self")[],
  folder = "/proc/net",
): boolean {
  const onPort = (table: string): Row[] => {
    const rows: Row[] = [];
    for (const line of linesOf(`${folder}/${table}`)) {
      const row = parseRow(line);
      if (row !== undefined && row.state !== listening) break;
      if (row?.port === port) rows.push(row);
    }
    return rows;
  };
  const rows = [...onPort("tcp").reverse(), ...onPort("tcp6")];
  // The usual case costs no more than this.
  if (rows.length < 2) return false;
  const inodes = new Set(pids.flatMap(socketsOf));
  return rows.some((own) =>
    inodes.has(own.inode) &&
    !inodes.has(rows.find(({ address }) => address === own.address)?.inode ?? own.inode)
  );
}

/** The inodes of a process's sockets. */
function socketsOf(pid: number | "self"): string[] {
  const folder = `/proc/${pid}/fd`;
  return descriptorsIn(folder).flatMap((descriptor) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${descriptor}`))?.[1] ?? [];
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
}

function descriptorsIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // The process has ended, or may not be looked at.
    return [];
  }
}

/** The lines of a table, each read when it is asked for. None where there is no such file. */
export function* linesOf(path: string): Generator<string> {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    // Another system, or a kernel without IPv6. The caller sees that there was nothing.
    return;
  }
  try {
    const buffer = Buffer.allocUnsafe(rowLength);
    let rest = "";
    for (let size = readSync(file, buffer); size > 0; size = readSync(file, buffer)) {
      const parts = (rest + buffer.toString("latin1", 0, size)).split("\n");
      rest = parts.pop() ?? "";
      yield* parts;
    }
  } finally {
    closeSync(file);
  }
}
