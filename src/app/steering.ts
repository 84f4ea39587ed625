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
import { listeningInodes } from "../kernel_sockets.ts";
import { runtime } from "../runtime/mod.ts";

/** Of `SOL_SOCKET`, on Linux: asm-generic/socket.h */
const SO_DETACH_REUSEPORT_BPF = 68;

/** Instructions of classic BPF: https://docs.kernel.org/networking/filter.html */
const [loadWord, modulo, jumpIfEqual, returnConstant] = [0x20, 0x94, 0x15, 0x06];

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
  if (places !== null) return runtime.attachReusePortProgram(socket, choiceOf(places));
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

/** This process's descriptor of the socket that listens on a port. */
function listeningSocket(port: number): number | undefined {
  const inodes = listeningInodes(port);
  for (const descriptor of readdirSync("/proc/self/fd")) {
    const [, inode = ""] = /^socket:\[(\d+)\]$/.exec(targetOf(descriptor)) ?? [];
    if (inodes.has(inode)) return Number(descriptor);
  }
  return undefined;
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
