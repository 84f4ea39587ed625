/** Reads the body and says how long it was. */
import { createServer } from "node:http";
import process from "node:process";

createServer((request, response) => {
  let length = 0;
  request.on("data", (part: Uint8Array) => length += part.length);
  request.on("end", () => response.end(`${length}\n`));
  request.on("error", () => response.destroy());
}).listen(Number(process.env["FUZZ_PORT"] ?? 3000), "127.0.0.1");
