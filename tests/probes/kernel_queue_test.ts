import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { existsSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { KernelQueue } from "../../src/probes/kernel_queue.ts";
import { Connection } from "../support/http.ts";
import { startScript } from "../support/script.ts";
import { TempDir } from "../support/temp_dir.ts";
import { eachLine, eventually, Feed } from "../support/wait.ts";

/** A line of `/proc/net/tcp` as the kernel writes it, padded to 149 characters. */
interface Row {
  port?: number;
  local?: string;
  state?: string;
  unread?: number;
  inode?: number;
  remotePort?: number;
}

function row(
  { port = 8000, local = "0100007F", state = "01", unread = 0, inode = 42, remotePort = 0 }: Row,
) {
  const hex = (number: number, digits: number) =>
    number.toString(16).toUpperCase().padStart(digits, "0");
  const text = `   0: ${local}:${hex(port, 4)} 00000000:${hex(remotePort, 4)} ${state} ` +
    `00000000:${hex(unread, 8)} 00:00000000 00000000  1000        0 ${inode} 1 0 100 0 0 10 0`;
  return text.padEnd(149) + "\n";
}

const heading = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid"
  .padEnd(149) + "\n";
const any6 = "0".repeat(32);
const listener = (unread: number, more: Row = {}) => ({ ...more, state: "0A", unread });

/** What is read from the tables for port 8000. */
async function read(tables: { tcp?: Row[]; tcp6?: Row[] }, sockets = 1, port = 8000) {
  using dir = new TempDir();
  for (const [name, rows] of Object.entries(tables)) {
    dir.file(name, heading + rows.map(row).join(""));
  }
  const kernel = new KernelQueue(dir.path);
  const where = { port, sockets };
  return [kernel.unaccepted(where), await kernel.unread(where)];
}

describe("KernelQueue reads a table", () => {
  const other = { port: 18000 };
  const tables: Record<string, [Row[], number[], number?]> = {
    "without anybody": [[], [0, 0]],
    "with a listener": [[listener(0)], [0, 0]],
    "with connections not accepted": [[listener(17)], [17, 0]],
    "with as many listeners as there are workers": [[listener(2), listener(300)], [302, 0], 2],
    "with more listeners than workers, as of a stranger on another address": [
      [listener(2), listener(300)],
      [2, 0],
    ],
    "with fewer listeners than workers": [[listener(2)], [2, 0], 2],
    "with requests not read, however long": [
      [listener(0), { unread: 78 }, { unread: 90_000, inode: 43 }, { unread: 0, inode: 44 }],
      [0, 2],
    ],
    "with connections not accepted in rows of their own": [
      [listener(2), { unread: 78, inode: 0 }, { unread: 78, inode: 0 }, { unread: 5 }],
      [2, 1],
    ],
    "with a connection that moved while the table was read": [
      [listener(0), { unread: 5 }, { unread: 5 }],
      [0, 1],
    ],
    "with connections that are closing": [
      [listener(0), ...["02", "06", "08", "09"].map((state) => ({ state, unread: 9 }))],
      [0, 0],
    ],
    "with other ports": [
      [listener(5, other), listener(1), listener(5, { port: 800 }), { ...other, unread: 1 }],
      [1, 0],
    ],
    "with connections to the same port elsewhere": [
      [listener(0), { port: 40_000, remotePort: 8000, unread: 9 }],
      [0, 0],
    ],
    // The kernel puts no listener behind the connections: one there shows how far was read.
    "no further than its listeners": [[listener(1), { unread: 0 }, listener(10)], [1, 0], 2],
  };
  for (const [name, [rows, expected, sockets]] of Object.entries(tables)) {
    test(name, async () => {
      assertEquals(await read({ tcp: rows }, sockets), expected);
    });
  }

  const rows6 = [listener(3, { local: any6 }), { local: any6, unread: 1 }];
  test("of IPv6, alone or beside that of IPv4", async () => {
    assertEquals(await read({ tcp6: rows6 }), [3, 1]);
    assertEquals(await read({ tcp: [listener(9, other), other], tcp6: rows6 }), [3, 1]);
    assertEquals(await read({ tcp: [listener(4)], tcp6: rows6 }, 2), [7, 1]);
  });

  for (const port of [1, 80, 0xabc, 65535]) {
    test(`for port ${port}`, async () => {
      assertEquals(await read({ tcp: [listener(6, { port }), { port, unread: 1 }] }, 1, port), [
        6,
        1,
      ]);
    });
  }

  test("longer than 64 kB, to its last row", async () => {
    const listeners = Array.from({ length: 1000 }, () => listener(1));
    const rows = Array.from({ length: 2001 }, (_, inode) => ({ inode: inode + 1, unread: 1 }));
    assertEquals(await read({ tcp: [...listeners, ...rows] }, 1000), [1000, 2001]);
  });

  test("whose rows have another length than those of Linux today", () => {
    using dir = new TempDir();
    const text = [heading, row(listener(1)), row(listener(2))].join("");
    for (const width of [90, 149, 400]) {
      dir.file("tcp", text.replace(/ *$/gm, "").replace(/.+/g, (line) => line.padEnd(width)));
      assertEquals(new KernelQueue(dir.path).unaccepted({ port: 8000, sockets: 2 }), 3);
    }
  });

  test("that is not there: it does not know", async () => {
    assertEquals(await read({}), [undefined, 0]);
  });

  test("again, though it has found the port elsewhere before", () => {
    using dir = new TempDir();
    const kernel = new KernelQueue(dir.path);
    const where = { port: 8000, sockets: 1 };
    const write = (tcp: Row[], tcp6: Row[]) => {
      dir.file("tcp", heading + tcp.map(row).join(""));
      dir.file("tcp6", heading + tcp6.map(row).join(""));
      return kernel.unaccepted(where);
    };
    assertEquals(write([], rows6), 3);
    assertEquals(write([listener(5)], []), 5);
    assertEquals(write([], []), 0);
  });
});

const skip = existsSync("/proc/net/tcp") ? false : "there is no /proc/net/tcp";
if (skip !== false) console.info(`skipped: the real kernel: ${skip}`);

describe("KernelQueue on the real kernel", { skip }, () => {
  const hosts = ["127.0.0.1", ...(existsSync("/proc/net/if_inet6") ? ["::1"] : [])];
  for (const host of hosts) {
    test(`counts what a blocked process has not taken, on ${host}`, { skip }, async () => {
      const child = startScript(new URL("blocked_server.ts", import.meta.url), host);
      const lines = new Feed<string>();
      const read = eachLine(child.stdout, (line) => lines.push(line));
      const connections: Connection[] = [];
      try {
        const [port] = await lines.first(1);
        const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
        const open = async () => connections[connections.push(await Connection.open(url)) - 1]!;
        const kept = await Promise.all([open(), open(), open()]);
        for (const connection of kept) assertEquals((await connection.get("/")).text, "ok");
        const kernel = new KernelQueue();
        const where = { port: Number(port), sockets: 1 };
        const queue = async () => [kernel.unaccepted(where), await kernel.unread(where)];
        assertEquals(await queue(), [0, 0]);

        kept[0]!.send("/block");
        await lines.until("the blocking", (line) => line === "blocking");
        for (const connection of [kept[1]!, kept[2]!, await open(), await open()]) {
          connection.send("/");
        }
        await open();
        await eventually("3 connections and 2 requests in the kernel", async () => {
          const [unaccepted, unread] = await queue();
          return unaccepted === 3 && unread === 2;
        });
      } finally {
        for (const connection of connections) connection.close();
        child.kill("SIGKILL");
        await read;
      }
    });
  }

  test("knows of nothing on a port where nobody listens", { skip }, async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const where = { port: (server.address() as AddressInfo).port, sockets: 1 };
    await new Promise((resolve) => server.close(resolve));
    const kernel = new KernelQueue();
    assertEquals([kernel.unaccepted(where), await kernel.unread(where)], [0, 0]);
  });
});

test("KernelQueue leaves out a stranger on the same port of another address", async () => {
  using dir = new TempDir();
  const rows = [
    listener(9, { local: "0500007F" }),
    listener(2, { local: "0100007F" }),
    { local: "0500007F", unread: 1, inode: 50 },
    { local: "0100007F", unread: 1, inode: 51 },
  ];
  dir.file("tcp", heading + rows.map(row).join(""));
  const kernel = new KernelQueue(dir.path);
  const where = { port: 8000, hostname: "127.0.0.1", sockets: 1 };
  assertEquals([kernel.unaccepted(where), await kernel.unread(where)], [2, 1]);
});
