import { readFileSync } from "node:fs";
import type { ServiceOptions } from "../options/service_options.ts";

/** What the supervisor needs, and a little more, in bytes. */
const supervisorMemory = 64 * 2 ** 20;

/** While a worker is replaced, there is one more. */
const replacedWorkers = 1;

/** The most that a service takes whose workers keep to `--max-memory`, in bytes. */
function memoryNeeded(workers: number, maxMemory: number): number {
  return supervisorMemory + maxMemory * (workers + replacedWorkers);
}

/**
 * What may become of a service whose container may use so much memory, one line each.
 *
 * Where `memory.oom.group` is set, as Kubernetes does since 1.28 with cgroups of version 2, the kernel
 * kills not the process that is too large, but all of the container, the supervisor among them
 * (https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files).
 *
 * @param cgroup where the container sees its own cgroup
 */
export function memoryWarnings(
  { workers, maxMemory, autoreload }: Pick<
    ServiceOptions,
    "workers" | "maxMemory" | "autoreload"
  >,
  cgroup = "/sys/fs/cgroup",
): string[] {
  const limit = numberIn(`${cgroup}/memory.max`) ??
    numberIn(`${cgroup}/memory/memory.limit_in_bytes`);
  // Without a limit it is "max", or with version 1 a number beyond all memory.
  if (limit === undefined || limit > 2 ** 50 || autoreload) return [];
  const all = numberIn(`${cgroup}/memory.oom.group`) === 1;
  const whom = all ? "all of its processes, not the largest alone" : "one of its processes";
  const has = `the memory of this container is limited to ${megabytes(limit)}`;
  if (maxMemory === undefined) {
    // Where one process is killed, another one follows.
    if (!all) return [];
    return [
      `${has}, and above that the kernel kills ${whom}: give --max-memory, so that a worker that ` +
      "has grown is replaced before",
    ];
  }
  const needed = memoryNeeded(workers, maxMemory);
  if (needed <= limit) return [];
  const processes = workers + replacedWorkers;
  return [
    `${has}, and ${processes} processes of --max-memory (one more while one is replaced) and ` +
    `the supervisor may take ${megabytes(needed)}; above the limit the kernel kills ${whom}`,
  ];
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)}mb`;
}

function numberIn(file: string): number | undefined {
  try {
    const number = Number(readFileSync(file, "utf8"));
    return Number.isFinite(number) ? number : undefined;
  } catch {
    // The other version, or no Linux.
    return undefined;
  }
}
