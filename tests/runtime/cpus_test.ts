import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { availableCpus } from "../../src/runtime/cpus.ts";

/** Files of a cgroup; others are not there. */
function cgroup(files: Record<string, string>): (file: string) => string {
  return (file) => {
    const text = files[file];
    if (text === undefined) throw new Error(`ENOENT: ${file}`);
    return text;
  };
}

test("the limit of a container counts, rounded up, where it is below the machine's CPUs", () => {
  const cpus = (max: string) => availableCpus(cgroup({ "/sys/fs/cgroup/cpu.max": max }), 4);
  assertEquals(cpus("200000 100000\n"), 2);
  assertEquals(cpus("50000 100000\n"), 1);
  assertEquals(cpus("150000 100000\n"), 2);
  assertEquals(cpus("900000 100000\n"), 4);
  assertEquals(cpus("max 100000\n"), 4);
});

test("cgroups of version 1", () => {
  const cpus = (quota: string) =>
    availableCpus(
      cgroup({
        "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": `${quota}\n`,
        "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
      }),
      4,
    );
  assertEquals(cpus("300000"), 3);
  assertEquals(cpus("-1"), 4);
});

test("without a cgroup, the CPUs that the process may run on", () => {
  assertEquals(availableCpus(cgroup({}), 4), 4);
});
