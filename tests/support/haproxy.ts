import { spawnSync } from "node:child_process";
import process from "node:process";
import { freePort } from "./free_port.ts";
import { request } from "./http.ts";
import { Program } from "./program.ts";
import { TempDir } from "./temp_dir.ts";
import { eventually } from "./wait.ts";

const version = spawnSync("haproxy", ["-v"]);

/** Why there is none; `undefined` where there is. */
export const haproxyMissing = version.status === 0
  ? undefined
  : `skipped: haproxy cannot be run: ${
    version.error?.message ?? version.stderr
  } (Debian has it in the package haproxy)`;

/** A server that it passes requests on to, and whose probes it asks. */
interface Backend {
  url(): string;
  probeUrl(path: string): string;
}

/** An HAProxy in front of servers: it asks each for `/ready` and never sends a request twice. */
export class Haproxy implements AsyncDisposable {
  readonly url: string;
  readonly #dir = new TempDir();
  readonly #program: Program;
  #read = 0;

  private constructor(port: number, backends: readonly Backend[]) {
    this.url = `http://127.0.0.1:${port}/`;
    const file = this.#dir.file("haproxy.cfg", configuration(port, backends));
    this.#program = new Program({
      file: "haproxy",
      args: ["-db", "-f", file],
      env: { PATH: process.env["PATH"] ?? "" },
    });
  }

  /** Starts it, and waits until it takes requests. All servers must be ready. */
  static async start(backends: readonly Backend[]): Promise<Haproxy> {
    const haproxy = new Haproxy(await freePort(), backends);
    const answered = () => request(haproxy.url).then(({ status }) => status === 200, () => false);
    await eventually("an answer through HAProxy", answered);
    return haproxy;
  }

  /** Waits until it has seen a server come or go since the last time that this was asked. */
  async sees(backend: number, state: "UP" | "DOWN"): Promise<void> {
    const pattern = new RegExp(`Server hurricanes/s${backend} is ${state}`);
    const { stderr } = this.#program;
    const line = await stderr.until(
      `server ${backend} ${state}`,
      (line, index) => index >= this.#read && pattern.test(line),
    );
    this.#read = stderr.items.lastIndexOf(line) + 1;
  }

  /** The requests that did not go well; two letters as in `SH--` say how each ended. */
  get trouble(): string {
    return this.#program.stdout.items.join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
    this.#dir[Symbol.dispose]();
  }
}

function configuration(port: number, backends: readonly Backend[]): string {
  const servers = backends.map((backend, index) => {
    const { port: probePort } = new URL(backend.probeUrl("/ready"));
    return `  server s${index} ${new URL(backend.url()).host} check port ${probePort}`;
  });
  return `
global
  log stdout format raw local0
  hard-stop-after 5s

defaults
  mode http
  log global
  option httplog
  option dontlog-normal
  timeout connect 5s
  # A check that is answered late, as on a busy machine, has been answered.
  timeout check 10s
  timeout client 30s
  timeout server 30s
  retries 0

frontend web
  bind 127.0.0.1:${port}
  default_backend hurricanes

backend hurricanes
  option httpchk GET /ready
  # A check must be connected within \`inter\`.
  default-server inter 500ms downinter 100ms fall 1 rise 1
${servers.join("\n")}
`;
}
