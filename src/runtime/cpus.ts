import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** What a container may use, in its cgroup (version 2): microseconds in each period, or `max`. */
const cpuMax = "/sys/fs/cgroup/cpu.max";

/** The same with cgroups of version 1: microseconds, -1 for no limit. */
const [quotaFile, periodFile] = [
  "/sys/fs/cgroup/cpu/cpu.cfs_quota_us",
  "/sys/fs/cgroup/cpu/cpu.cfs_period_us",
];

/**
 * How many CPUs this process really gets: those that it may run on, and no more than the limit of its
 * container (https://docs.kernel.org/admin-guide/cgroup-v2.html). Half a CPU counts as one.
 *
 * @param read reads a file of the cgroup; throws where there is none
 * @param cpus how many CPUs the process may run on
 */
export function availableCpus(
  read: (file: string) => string = (file) => readFileSync(file, "utf8"),
  cpus: number = availableParallelism(),
): number {
  return Math.max(1, Math.min(cpus, Math.ceil(limit(read) ?? cpus)));
}

/** The limit of the container in CPUs, or `undefined` where there is none. */
function limit(read: (file: string) => string): number | undefined {
  for (const quota of [() => read(cpuMax), () => `${read(quotaFile)} ${read(periodFile)}`]) {
    try {
      const [most, period] = quota().trim().split(/\s+/).map(Number);
      const cpus = (most ?? NaN) / (period ?? NaN);
      return cpus > 0 ? cpus : undefined;
    } catch {
      // No such file: the other version, or no Linux.
    }
  }
  return undefined;
}
