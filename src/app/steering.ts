/**
 * Keeps new connections away from a worker that is about to close its listening socket.
 *
 * Sockets that share a port (`SO_REUSEPORT`) form a group in the kernel, which gives each new
 * connection to one of them. What a socket has been given and its process has not accepted is lost
 * when it is closed, so before that it must be given no more. The kernel lets a small program choose
 * among the group: `SO_ATTACH_REUSEPORT_CBPF` in https://man7.org/linux/man-pages/man7/socket.7.html
 *
 * @module
 */
import { readdirSync, readlinkSync } from "node:fs";
import { linesOf, listening, listeningInodes, parseRow } from "../kernel_sockets.ts";
import { runtime } from "../runtime/mod.ts";
import { performance, Promise, setTimeout } from "../natives.ts";

/** Of `SOL_SOCKET`, on Linux: asm-generic/socket.h */
const [SO_ATTACH_FILTER, SO_ATTACH_REUSEPORT_CBPF, SO_DETACH_REUSEPORT_BPF] = [26, 51, 68];

/** Instructions of classic BPF: https://docs.kernel.org/networking/filter.html */
const [loadWord, loadByte, modulo, jumpIfEqual, jumpIfSet, returnConstant] = [
  0x20,
  0x30,
  0x94,
  0x15,
  0x45,
  0x06,
];

/** Where a load takes a random number instead of a part of the packet: `SKF_AD_OFF + SKF_AD_RANDOM`. */
const randomNumber = -0x1000 + 56;

/**
 * Has the kernel give new connections to some of the sockets that share a port.
 *
 * @param port one that this process listens on
 * @param places of the sockets, in the order in which they began to listen; `null`: all of them
 * @returns Whether the kernel does it. It does not on other systems than Linux.
 * @throws where the C library or `/proc` cannot be had
 */
export function steer(port: number, places: readonly number[] | null): boolean {
  const socket = listeningSocket(port);
  if (socket === undefined) return false;
  if (places !== null) {
    return runtime.attachProgram(socket, SO_ATTACH_REUSEPORT_CBPF, choiceOf(places));
  }
  // It fails only where no program is attached, or none ever could be.
  runtime.setSocketOption(socket, SO_DETACH_REUSEPORT_BPF, new Uint8Array(4));
  return true;
}

/** A program that returns one of the places, each as often as the others. */
export function choiceOf(places: readonly number[]): Uint8Array {
  const program: Instruction[] = [[loadWord, 0, 0, randomNumber], [modulo, 0, 0, places.length]];
  for (const [index, place] of places.entries()) {
    program.push([jumpIfEqual, 0, 1, index], [returnConstant, 0, 0, place]);
  }
  // Never reached, but a program must end in a return.
  program.push([returnConstant, 0, 0, places[0] ?? 0]);
  return bytesOf(program);
}

/** In a TCP header (RFC 9293 §3.1): where the flags are, and the one of a new connection. */
const [flags, SYN] = [13, 0x02];

/** A program that lets pass all but what begins a new connection. */
const noneNew: readonly Instruction[] = [
  [loadByte, 0, 0, flags],
  [jumpIfSet, 0, 1, SYN],
  [returnConstant, 0, 0, 0],
  [returnConstant, 0, 0, -1],
];

/** How often it is looked whether a queue is empty, in milliseconds. */
const lookInterval = 10;

/**
 * How often in a row a queue must be found empty: what has been asked for may still be on its way,
 * connections and requests. So many looks are so many turns of the event loop as well. Time alone would
 * not do: a loop that was held up may have accepted connections whose requests it has not read.
 */
const emptyLooks = 5;

/**
 * Has the kernel take no new connection for this process's socket on a port, and waits until all that
 * it has taken is accepted, and what came with it is read: what lies there when the socket is closed would be reset. Who connects
 * meanwhile is told nothing, asks again after a second, and then finds the socket closed.
 *
 * @param patience for how long at most, in milliseconds
 * @returns at once where the kernel does not do that
 * @throws where the C library or `/proc` cannot be had
 */
export async function emptyQueue(port: number, patience: number): Promise<void> {
  const socket = listeningSocket(port);
  if (socket === undefined) return;
  if (!runtime.attachProgram(socket, SO_ATTACH_FILTER, bytesOf(noneNew))) return;
  const deadline = performance.now() + patience;
  for (let empty = 0; empty < emptyLooks && performance.now() < deadline;) {
    await sleep(Math.min(lookInterval, patience));
    empty = unaccepted(port, socket) > 0 ? 0 : empty + 1;
  }
}

/**
 * How many connections the kernel holds for this process's socket on a port, that nobody has accepted.
 *
 * @throws where `/proc` cannot be had
 */
export function unacceptedOn(port: number): number {
  const socket = listeningSocket(port);
  return socket === undefined ? 0 : unaccepted(port, socket);
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** How many connections a listening socket has that nobody has accepted. */
function unaccepted(port: number, socket: number): number {
  const inode = inodeOf(String(socket));
  for (const table of ["tcp", "tcp6"]) {
    for (const line of linesOf(`/proc/net/${table}`)) {
      const row = parseRow(line);
      if (row === undefined) continue;
      if (row.state !== listening) break;
      if (row.port === port && row.inode === inode) return row.unread;
    }
  }
  return 0;
}

function bytesOf(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(8 * program.length);
  const view = new DataView(bytes.buffer);
  for (const [index, [code, ifTrue, ifFalse, constant]] of program.entries()) {
    view.setUint16(8 * index, code, true);
    view.setUint8(8 * index + 2, ifTrue);
    view.setUint8(8 * index + 3, ifFalse);
    view.setInt32(8 * index + 4, constant, true);
  }
  return bytes;
}

/** `struct sock_filter`: code, jump if true, jump if false, constant. */
type Instruction = [number, number, number, number];

/** Does this process listen on a port? */
export function listensOn(port: number): boolean {
  return listeningSocket(port) !== undefined;
}

/** This process's descriptor of the socket that listens on a port. */
function listeningSocket(port: number): number | undefined {
  const inodes = listeningInodes(port);
  for (const descriptor of readdirSync("/proc/self/fd")) {
    if (inodes.has(inodeOf(descriptor))) return Number(descriptor);
  }
  return undefined;
}

/** The inode of a descriptor, where it is a socket's. */
function inodeOf(descriptor: string): string {
  return /^socket:\[(\d+)\]$/.exec(targetOf(descriptor))?.[1] ?? "";
}

function targetOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch (error) {
    // The one that lists the directory is closed by now.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
