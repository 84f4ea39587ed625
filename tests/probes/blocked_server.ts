/**
 * A server that prints its port, and stands still for good once it is asked for `/block`. Argument:
 * the address to listen on.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { writeSync } from "node:fs";

const server = createServer((request, response) => {
  if (request.url === "/block") {
    writeSync(1, "blocking\n");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
  response.setHeader("content-length", 2).end("ok");
});
server.listen(0, process.argv[2], () => {
  writeSync(1, `${(server.address() as AddressInfo).port}\n`);
});
