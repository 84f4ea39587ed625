import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** Below what the kernel gives to clients and to whoever asks for any: on Linux that is 32768 and up. */
const [first, count] = [20_000, 12_000];

/** Those that tests have been given, as files: several run at the same time, and bind theirs later. */
const claims = join(tmpdir(), "hurricane-test-ports");

/** Those of this process. */
const own: string[] = [];
process.once("exit", () => own.forEach((file) => rmSync(file, { force: true })));

/** A process that was killed has left its claims. */
const forgotten = 60 * 60 * 1000;

/**
 * A port that nobody listens on, and that no other test is given while this process runs.
 *
 * @param more so many after it are free as well
 */
export async function freePort(more = 0): Promise<number> {
  mkdirSync(claims, { recursive: true });
  for (;;) {
    const port = first + Math.floor(Math.random() * (count - more));
    const ports = Array.from({ length: more + 1 }, (_, index) => port + index);
    if (ports.every(claimed) && (await Promise.all(ports.map(isFree))).every(Boolean)) return port;
  }
}

/** Takes it, unless another process has. */
function claimed(port: number): boolean {
  const file = join(claims, String(port));
  try {
    writeFileSync(file, "", { flag: "wx" });
  } catch {
    const { mtimeMs = Date.now() } = statSync(file, { throwIfNoEntry: false }) ?? {};
    if (Date.now() - mtimeMs > forgotten) rmSync(file, { force: true });
    return false;
  }
  own.push(file);
  return true;
}

/** On all addresses of IPv4: so on each of them. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "0.0.0.0", () => server.close(() => resolve(true)));
  });
}
