import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** Below what the kernel gives to clients and to whoever asks for any: on Linux that is 32768 and up. */
const [first, count] = [20_000, 12_000];

/**
 * A file for each port that a test has been given, with the id of its process: several processes run tests
 * at the same time, and what they start binds its port later. One whose process has ended counts no more.
 */
const claims = join(tmpdir(), `hurricane-test-ports-${userInfo().uid}`);

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
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  if (!runs(readIfThere(file))) rmSync(file, { force: true });
  return false;
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Is there a process of that id? Where it is not written yet there is. */
function runs(pid: string): boolean {
  if (pid === "") return true;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}

/** On all addresses of IPv4: so on each of them. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "0.0.0.0", () => server.close(() => resolve(true)));
  });
}
