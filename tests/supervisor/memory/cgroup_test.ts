import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { MemoryCgroup } from "../../../src/supervisor/memory/cgroup.ts";

const mb = 2 ** 20;

type Files = Record<string, string>;

/** The own cgroup on a machine with these files. */
function own(files: Files): MemoryCgroup | undefined {
  return MemoryCgroup.own((path) => files[path]);
}

const mount2 = (root: string) => `31 23 0:28 ${root} /sys/fs/cgroup ro - cgroup2 cgroup rw`;
const mount1 = (root: string) =>
  `31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n` +
  `32 31 0:29 ${root} /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n` +
  `35 31 0:32 ${root} /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n` +
  `41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw`;

/** The files of a cgroup of version 2. */
function version2(folder: string, limit: string, more: Files = {}): Files {
  const files = {
    "memory.max": limit,
    "memory.current": String(200 * mb),
    "memory.stat": `anon 1\ninactive_file ${30 * mb}\nactive_file ${20 * mb}\n` +
      `slab_reclaimable ${10 * mb}\nslab_unreclaimable 7\nactive_anon 3`,
    "memory.events": "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 1",
    "memory.oom.group": "0",
    ...more,
  };
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [`${folder}/${name}`, `${text}\n`]),
  );
}

/** The files of a cgroup of version 1. */
function version1(folder: string, limit: string): Files {
  return {
    [`${folder}/memory.limit_in_bytes`]: `${limit}\n`,
    [`${folder}/memory.usage_in_bytes`]: `${200 * mb}\n`,
    [`${folder}/memory.stat`]: `inactive_file 5\ntotal_inactive_file ${30 * mb}\n` +
      `total_active_file ${20 * mb}\n`,
    [`${folder}/memory.oom_control`]: "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
  };
}

const self2 = (path: string, root = "/"): Files => ({
  "/proc/self/cgroup": `0::${path}\n`,
  "/proc/self/mountinfo": mount2(root),
});
const self1 = (path: string, root = "/"): Files => ({
  "/proc/self/cgroup": `5:cpu:/elsewhere\n4:memory:${path}\n0::/\n`,
  "/proc/self/mountinfo": mount1(root),
});

const limit = 512 * mb;
const text = String(limit);

describe("a cgroup that limits memory", () => {
  const found: Record<string, Files> = {
    "version 2, in a container": { ...self2("/"), ...version2("/sys/fs/cgroup", text) },
    "version 2, a service of systemd": {
      ...self2("/system.slice/web.service"),
      ...version2("/sys/fs/cgroup/system.slice/web.service", text),
      ...version2("/sys/fs/cgroup/system.slice", "max"),
    },
    "version 2, where another one around it is the limit": {
      ...self2("/pod/web"),
      ...version2("/sys/fs/cgroup/pod/web", String(2 * limit)),
      ...version2("/sys/fs/cgroup/pod", text),
    },
    "version 2, mounted without a namespace": {
      ...self2("/kubepods/web", "/kubepods/web"),
      ...version2("/sys/fs/cgroup", text),
    },
    "version 2, mounted without a namespace from above": {
      ...self2("/kubepods/pod/web", "/kubepods"),
      ...version2("/sys/fs/cgroup/pod/web", text),
      ...version2("/sys/fs/cgroup", "max"),
    },
    "version 1, in a container": { ...self1("/"), ...version1("/sys/fs/cgroup/memory", text) },
    "version 1, nested": {
      ...self1("/pod/web"),
      ...version1("/sys/fs/cgroup/memory/pod/web", text),
      ...version1("/sys/fs/cgroup/memory/pod", "9223372036854771712"),
    },
    "version 1, mounted without a namespace": {
      ...self1("/docker/web", "/docker/web"),
      ...version1("/sys/fs/cgroup/memory", text),
    },
  };
  for (const [where, files] of Object.entries(found)) {
    test(`is read: ${where}`, () => {
      const used = (where.includes("version 1") ? 150 : 140) * mb;
      const cgroup = own(files);
      assertEquals(cgroup?.read(), { limit, used, kills: 2, killsAll: false });
      assertEquals(cgroup?.usage(), 200 * mb);
    });
  }

  test("is the one that is the first to be used up, not the smallest", () => {
    const cgroup = own({
      ...self2("/pod/web"),
      ...version2("/sys/fs/cgroup/pod/web", text),
      ...version2("/sys/fs/cgroup/pod", String(2 * limit), {
        "memory.current": String(2 * limit),
        "memory.oom.group": "1",
      }),
    });
    assertEquals(cgroup?.read(), {
      limit: 2 * limit,
      used: 2 * limit - 60 * mb,
      kills: 2,
      killsAll: true,
    });
    assertEquals(cgroup?.usage(), 2 * limit);
  });

  test("may come to limit it later, or no more", () => {
    const files = { ...self2("/"), ...version2("/sys/fs/cgroup", "max") };
    const cgroup = own(files);
    assertEquals(cgroup?.read(), undefined);
    files["/sys/fs/cgroup/memory.max"] = text;
    assertEquals(cgroup?.read()?.limit, limit);
    files["/sys/fs/cgroup/memory.max"] = "max\n";
    assertEquals(cgroup?.read(), undefined);
  });

  const none: Record<string, Files> = {
    "without cgroups": {},
    "at the root of version 2, which has no limit": { ...self2("/") },
    "where they are not mounted": { "/proc/self/cgroup": "0::/\n", "/proc/self/mountinfo": "" },
  };
  for (const [where, files] of Object.entries(none)) {
    test(`is none ${where}`, () => assertEquals(own(files), undefined));
  }

  test("may have blanks in its path", () => {
    const cgroup = own({
      "/proc/self/cgroup": "0::/\n",
      "/proc/self/mountinfo": "31 23 0:28 / /sys/fs/c\\040group ro - cgroup2 cgroup rw",
      ...version2("/sys/fs/c group", text),
    });
    assertEquals(cgroup?.read()?.limit, limit);
  });
});
