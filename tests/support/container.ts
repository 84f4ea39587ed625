/**
 * Containers without a daemon and without a registry: runc, as Kubernetes runs a restricted pod
 * (PID 1, a read-only root, no capabilities, no new privileges).
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { markVariable } from "./processes.ts";
import { type Outcome, Program, run } from "./program.ts";
import { TempDir } from "./temp_dir.ts";

/** Why no container can be run here; `undefined` where it can. */
export const containersMissing = whyNot();

function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return "skipped: containers need root";
  return spawnSync("runc", ["--version"]).error === undefined
    ? undefined
    : "skipped: runc is not installed (Debian has it in the package runc)";
}

/** A root file system, and what an image says of how it is run. */
export interface Image {
  rootfs: string;
  user: number;
  workdir: string;
  env: Record<string, string>;
  entrypoint: string[];
  cmd: string[];
  /** Of HEALTHCHECK. */
  health: string[];
}

/** How one container differs from what its image says. */
export interface ContainerOptions {
  /** What is run; the image's entrypoint and command unless given. */
  args?: string[];
  /** More environment, as a pod gives it. */
  env?: Record<string, string>;
  /** Is there a `/tmp` in memory? Without one, nothing at all can be written. */
  tmp?: boolean;
  /** A file of the machine that a kubelet would make for the last words: any user may write to it. */
  terminationLog?: string;
  /** How much memory it may use, in megabytes; it sees its own cgroup then, as in a pod. */
  memory?: number;
  /** As a build runs its steps: by root, on a root file system that can be written. */
  building?: boolean;
}

/** A container that runs. Its network is the machine's. */
export class Container extends Program {
  readonly #dir: TempDir;
  readonly #id: string;

  constructor(image: Image, options: ContainerOptions = {}) {
    const dir = new TempDir();
    const id = `hurricane-${randomUUID()}`;
    const mark = randomUUID();
    const config = bundle(image, { ...options, env: { ...options.env, [markVariable]: mark } });
    writeFileSync(join(dir.path, "config.json"), JSON.stringify(config));
    super(runc(dir, "run", "--bundle", dir.path, id), mark);
    this.#dir = dir;
    this.#id = id;
  }

  /** Runs a program inside, as `kubectl exec` and HEALTHCHECK do. */
  exec(args: string[]): Promise<Outcome> {
    return run(runc(this.#dir, "exec", this.#id, ...args));
  }

  /** Sends a signal to its PID 1. */
  async kill(name: NodeJS.Signals): Promise<void> {
    const { code, stderr } = await run(runc(this.#dir, "kill", this.#id, name));
    if (code !== 0) throw new Error(`runc kill: ${stderr}`);
  }

  /** Its PID 1, as the machine counts. */
  async initPid(): Promise<number> {
    const { stdout } = await run(runc(this.#dir, "state", this.#id));
    return JSON.parse(stdout).pid;
  }

  override async stop(): Promise<number | null> {
    await this.kill("SIGTERM");
    return (await this.ended).code;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await run(runc(this.#dir, "delete", "--force", this.#id));
    await super[Symbol.asyncDispose]();
    this.#dir[Symbol.dispose]();
  }
}

function runc(dir: TempDir, ...args: string[]) {
  const env = { PATH: process.env["PATH"] ?? "" };
  return { file: "runc", args: ["--root", join(dir.path, "state"), ...args], env };
}

/** The configuration of a container: https://github.com/opencontainers/runtime-spec */
function bundle(image: Image, options: ContainerOptions): object {
  const { args = [...image.entrypoint, ...image.cmd], tmp = false, building = false } = options;
  const { terminationLog, memory } = options;
  const env = { PATH: "/usr/local/bin:/usr/bin:/bin", ...image.env, ...options.env };
  const user = building ? 0 : image.user;
  return {
    ociVersion: "1.0.2",
    root: { path: image.rootfs, readonly: !building },
    process: {
      args,
      cwd: image.workdir,
      env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      user: { uid: user, gid: user },
      noNewPrivileges: true,
      ...(building ? {} : { capabilities: {} }),
    },
    mounts: [
      { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec"] },
      { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755"] },
      ...(tmp
        ? [{ destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["nosuid"] }]
        : []),
      ...(terminationLog === undefined ? [] : [{
        destination: "/dev/termination-log",
        type: "bind",
        source: terminationLog,
        options: ["bind", "rw"],
      }]),
      ...(memory === undefined
        ? []
        : [{ destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["ro"] }]),
    ],
    linux: {
      namespaces: ["pid", "ipc", "uts", "mount", ...(memory === undefined ? [] : ["cgroup"])]
        .map((type) => ({ type })),
      ...(memory === undefined ? {} : { resources: { memory: { limit: memory * 2 ** 20 } } }),
      maskedPaths: ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug"],
      readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
    },
  };
}
