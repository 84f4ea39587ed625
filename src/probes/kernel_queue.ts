import { established, linesOf, listening, parseRow } from "../kernel_sockets.ts";
import { runtime } from "../runtime/mod.ts";

/** A listening port, as the kernel knows it. */
export interface ListeningPort {
  port: number;
  /** The address, for others of this machine may have listeners on the same port. Left out: any. */
  hostname?: string;
  /** How many sockets listen on it: one, or one for each process that shares the port. */
  sockets: number;
}

/**
 * What the kernel holds for listening ports, from `/proc/net/tcp` and `tcp6`.
 *
 * To read such a table to its end takes the kernel tens of milliseconds on a large machine: it walks
 * the connections of all network namespaces. Listening sockets stand at its beginning, so what is
 * asked often is read row by row, no further than needed.
 */
export class KernelQueue {
  readonly #folder: string;
  /** Where a port was found last. A connection is in the same table as its listening socket. */
  readonly #tables = new Map<number, string>();

  /** @param folder where the tables are */
  constructor(folder = "/proc/net") {
    this.#folder = folder;
  }

  /**
   * How many connections nobody has accepted: the `rx_queue` of the listening sockets. `undefined`
   * where the kernel does not tell (not Linux).
   */
  unaccepted({ port, hostname, sockets }: ListeningPort): number | undefined {
    const address = ipv4(hostname);
    const known = this.#tables.get(port);
    const tables = ["tcp", "tcp6"].sort((a, b) => Number(b === known) - Number(a === known));
    let readable = false;
    let found = 0;
    let waiting = 0;
    for (const table of tables) {
      for (const line of linesOf(`${this.#folder}/${table}`)) {
        readable = true;
        const row = parseRow(line);
        if (row === undefined) continue;
        if (row.state !== listening) break;
        if (row.port !== port || (address ?? row.address) !== row.address) continue;
        this.#tables.set(port, table);
        waiting += row.unread;
        if (++found === sockets) return waiting;
      }
    }
    return readable ? waiting : undefined;
  }

  /**
   * On how many open connections a request lies that nobody has read.
   *
   * A connection that nobody has accepted has a row, too, with the inode 0; it is not counted here.
   */
  async unread({ port, hostname }: ListeningPort): Promise<number> {
    const address = ipv4(hostname);
    const table = this.#tables.get(port);
    if (table === undefined) return 0;
    // In another thread: a probe that needs no table is not to wait for this one.
    const text = await runtime.readTable(`${this.#folder}/${table}`);
    const local = `:${hex(port)} `;
    // By inode: a table that changes while it is read may show a connection twice.
    const waiting = new Set<string>();
    for (let at = text.indexOf(local); at >= 0; at = text.indexOf(local, at)) {
      const end = text.indexOf("\n", at);
      // Behind the remote address. Of a busy port, most rows are of connections that are closed.
      const state = text.indexOf(" ", at + local.length) + 1;
      if (text.startsWith(established, state)) {
        const row = parseRow(text.slice(text.lastIndexOf("\n", at) + 1, end));
        const isOpen = row?.port === port && row.state === established && row.inode !== "0";
        const isOurs = address === undefined || address === anyAddress || address === row?.address;
        if (isOpen && isOurs && row.unread > 0) waiting.add(row.inode);
      }
      at = end < 0 ? text.length : end;
    }
    return waiting.size;
  }
}

/** `0.0.0.0` in the kernel's hexadecimal. */
const anyAddress = "00000000";

/** An IPv4 address in the kernel's hexadecimal, the last byte first; `undefined` for other hosts. */
function ipv4(hostname = ""): string | undefined {
  // Not isIP(): node:net takes 5 ms of a start on Bun. Leading zeros would be octal to some.
  if (!/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(hostname)) return undefined;
  const bytes = hostname.split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"));
  return bytes.reverse().join("").toUpperCase();
}

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}
