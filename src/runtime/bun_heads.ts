import process from "node:process";

/** Node's constant for its own servers; on Bun it can be set, and counts for all servers of the process. */
interface HeadLimit {
  maxHeaderSize: number;
}

/** Has all servers answer 431 to a longer line and headers, in bytes, on connections that open from now on. */
export function limitHeads(bytes: number): void {
  // Late: node:http takes as long as half a start.
  const http = process.getBuiltinModule("node:http") as HeadLimit;
  http.maxHeaderSize = bytes;
}
