import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What a cgroup's files are called, and what stands in them. */
interface Files {
  /** In bytes; `max`, or a number beyond all memory, is none. */
  limit: string;
  usage: string;
  /** Lines of `memory.stat`: what the kernel takes back before it kills anybody. */
  reclaimable: readonly string[];
  /** Has a line `oom_kill`. */
  kills: string;
}

/** https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files */
const version2: Files = {
  limit: "memory.max",
  usage: "memory.current",
  reclaimable: ["inactive_file", "active_file", "slab_reclaimable"],
  kills: "memory.events",
};

/** https://docs.kernel.org/admin-guide/cgroup-v1/memory.html */
const version1: Files = {
  limit: "memory.limit_in_bytes",
  usage: "memory.usage_in_bytes",
  reclaimable: ["total_inactive_file", "total_active_file"],
  kills: "memory.oom_control",
};

/** Reads a file, or gives `undefined`. */
type Read = (path: string) => string | undefined;

/** A limit on memory, and how close it is, in bytes. */
export interface MemoryLimit {
  limit: number;
  /** What is in use and cannot be taken back: not what is cached of files. */
  used: number;
  /** How many processes the kernel has killed for it so far. */
  kills: number;
  /** Does the kernel then kill all processes at once, not one (`memory.oom.group`)? */
  killsAll: boolean;
}

/** Where this process finds how much memory it may use: its own cgroup, and those that this one is in. */
export class MemoryCgroup {
  readonly #files: Files;
  /** Its own folder first. */
  readonly #folders: readonly string[];
  readonly #read: Read;
  /** That whose limit was the closest at the last look. */
  #closest: string;

  private constructor(files: Files, folders: readonly string[], read: Read) {
    this.#files = files;
    this.#folders = folders;
    this.#read = read;
    this.#closest = folders[0] ?? "";
  }

  /** That of this process; `undefined` where there is none that could limit memory. */
  static own(read: Read = readText): MemoryCgroup | undefined {
    const cgroups = (read("/proc/self/cgroup") ?? "").split("\n");
    const mounts = read("/proc/self/mountinfo") ?? "";
    for (const files of [version1, version2]) {
      const path = pathIn(cgroups, files);
      const mount = path === undefined ? undefined : mountOf(mounts, files);
      if (path === undefined || mount === undefined) continue;
      const folders = foldersOf(mount, path).filter((folder) =>
        read(join(folder, files.limit)) !== undefined
      );
      if (folders.length > 0) return new MemoryCgroup(files, folders, read);
    }
    return undefined;
  }

  /** The limit that is the first to be reached; `undefined` where there is none now. */
  read(): MemoryLimit | undefined {
    let closest: { folder: string; limit: number; used: number } | undefined;
    for (const folder of this.#folders) {
      const limit = Number(this.#text(folder, this.#files.limit) ?? NaN);
      // No machine has so much.
      if (!(limit < 2 ** 50)) continue;
      const used = this.#used(folder);
      if (closest === undefined || limit - used < closest.limit - closest.used) {
        closest = { folder, limit, used };
      }
    }
    if (closest === undefined) return undefined;
    const { folder, limit, used } = closest;
    this.#closest = folder;
    const kills = valueOf(this.#text(folder, this.#files.kills) ?? "", "oom_kill");
    return { limit, used, kills, killsAll: this.#text(folder, "memory.oom.group") === "1" };
  }

  /** What counts against the limit of the last look now, with what is cached of files. Quickly read. */
  usage(): number {
    return this.#usage(this.#closest);
  }

  #usage(folder: string): number {
    return Number(this.#text(folder, this.#files.usage) ?? 0);
  }

  #used(folder: string): number {
    const usage = this.#usage(folder);
    const stat = this.#text(folder, "memory.stat") ?? "";
    return this.#files.reclaimable.reduce((left, name) => left - valueOf(stat, name), usage);
  }

  #text(folder: string, name: string): string | undefined {
    return this.#read(join(folder, name))?.trim();
  }
}

/** Of a file of lines like `name 12`; 0 where there is no such line. */
function valueOf(text: string, name: string): number {
  const [, value = 0] = new RegExp(`^${name} (\\d+)$`, "m").exec(text) ?? [];
  return Number(value);
}

/** The path of this process's cgroup: lines are `4:memory:/path`, and of version 2 `0::/path`. */
function pathIn(cgroups: readonly string[], files: Files): string | undefined {
  for (const line of cgroups) {
    const [, controllers = "", path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const own = files === version2 ? controllers === "" : controllers.split(",").includes("memory");
    if (own && path !== undefined) return path;
  }
  return undefined;
}

interface Mount {
  /** Which cgroup is mounted. */
  root: string;
  /** Where. */
  point: string;
}

/** Where such cgroups are mounted: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
function mountOf(mounts: string, files: Files): Mount | undefined {
  for (const line of mounts.split("\n")) {
    const [where = "", what = ""] = line.split(" - ");
    const [, , , root, point] = where.split(" ");
    const [type, , options = ""] = what.split(" ");
    const wanted = files === version2
      ? type === "cgroup2"
      : type === "cgroup" && options.split(",").includes("memory");
    if (wanted && root !== undefined && point !== undefined) {
      return { root: unescaped(root), point: unescaped(point) };
    }
  }
  return undefined;
}

/**
 * The folder of a cgroup, then those that it is in. In a container what is mounted is mostly the cgroup
 * itself, while the path may be that of the machine.
 */
function foldersOf({ root, point }: Mount, path: string): string[] {
  const inside = root === "/" ? path : path.startsWith(root) ? path.slice(root.length) : "";
  const names = inside.split("/").filter((name) => name !== "" && name !== "..");
  return names.map((_, index) => join(point, ...names.slice(0, names.length - index)))
    .concat(point);
}

/** Blanks in paths are written as `\040`. */
function unescaped(path: string): string {
  return path.replace(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(parseInt(code, 8)));
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // No Linux, the other version, or the root of all cgroups, which has no limit.
    return undefined;
  }
}
