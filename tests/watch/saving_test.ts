import { closeSync, ftruncateSync, openSync, readFileSync, utimesSync, writeSync } from "node:fs";
import { chmodSync, copyFileSync, symlinkSync } from "node:fs";
import { describe, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { eventually, pause } from "../support/wait.ts";
import { WatchedProject } from "./project.ts";

const handler = "app/handler.ts";

type Action = (project: WatchedProject) => unknown;

describe("an editor that saves is told of once:", () => {
  const ways: Record<string, Action> = {
    "write": (project) => project.write(handler),
    "the same again, to have it loaded again": (project) =>
      project.write(handler, readFileSync(project.path(handler), "utf8")),
    "touch": (project) => utimesSync(project.path(handler), new Date(), new Date()),
    "write to a temporary file beside it, rename": (project) => {
      project.write("app/.handler.ts.swp-1");
      project.move("app/.handler.ts.swp-1", handler);
    },
    "write to a temporary file elsewhere, rename": (project) => {
      project.write("handler.ts.tmp");
      project.move("handler.ts.tmp", handler);
    },
    "rename to a backup, write anew": (project) => {
      project.move(handler, "app/handler.ts~");
      project.write(handler);
    },
    "vim: try the directory, rename to a backup, write, set the mode, delete the backup": (
      project,
    ) => {
      project.write("app/4913", "");
      project.delete("app/4913");
      project.move(handler, "app/handler.ts~");
      project.write(handler);
      chmodSync(project.path(handler), 0o755);
      project.delete("app/handler.ts~");
    },
    "copy to a backup, write over it": (project) => {
      copyFileSync(project.path(handler), project.path("app/handler.ts~"));
      project.write(handler);
    },
    "IntelliJ: write beside it, rename away, rename to it, delete": (project) => {
      project.write("app/handler.ts___jb_tmp___");
      project.move(handler, "app/handler.ts___jb_old___");
      project.move("app/handler.ts___jb_tmp___", handler);
      project.delete("app/handler.ts___jb_old___");
    },
    "delete, pause, create": async (project) => {
      project.delete(handler);
      await pause(40);
      project.write(handler);
    },
    "truncate, pause, write": async (project) => {
      const file = openSync(project.path(handler), "r+");
      ftruncateSync(file, 0);
      await pause(40);
      writeSync(file, "export const value = 'in two steps';\n");
      closeSync(file);
    },
    "write, and the formatter at once": (project) => {
      project.write(handler);
      project.write(handler);
    },
  };
  for (const [name, save] of Object.entries(ways)) {
    test(name, async () => {
      using project = await WatchedProject.start();
      assertEquals(await project.told(() => save(project)), [handler]);
      // However it was saved: the watch has not been lost over it.
      assertEquals(await project.told(() => save(project)), [handler]);
      assertEquals(await project.told(() => project.write(handler)), [handler]);
    });
  }

  test("several writes", async () => {
    using project = await WatchedProject.start();
    for (let times = 0; times < 5; times++) {
      project.write(handler);
      await pause(1);
    }
    // One change on an idle machine; a busy one may take longer between two of them than a burst lasts.
    await eventually("the file to be told of alone, and then no more", async () => {
      const told = await project.told(() => project.write(handler));
      return told.length === 1 && told[0] === handler;
    });
    assertEquals([...new Set(project.changes.flat())].sort(), [handler, "app/sentinel.ts"]);
  });

  test("delete, and later create", async () => {
    using project = await WatchedProject.start();
    assertEquals(await project.told(() => project.delete(handler)), [handler]);
    assertEquals(await project.told(() => project.write(handler)), [handler]);
  });

  test("through a symbolic link", async () => {
    using project = await WatchedProject.start({ files: ["real/other.ts"], imported: [] });
    symlinkSync(project.path("real/other.ts"), project.path("app/link.ts"));
    await project.restart("app/link.ts");
    assertEquals(await project.told(() => project.write("app/link.ts")), ["real/other.ts"]);
    project.write("real/new.ts");
    const relink = (): void => {
      project.delete("app/link.ts");
      symlinkSync(project.path("real/new.ts"), project.path("app/link.ts"));
    };
    assertEquals(await project.told(relink), ["app/link.ts"]);
  });
});

describe("nothing is told of", () => {
  const ways: Record<string, Action> = {
    "a read": (project) => readFileSync(project.path(handler)),
    "another mode": (project) => chmodSync(project.path(handler), 0o600),
    "a file beside it": (project) => project.write("app/data.sqlite"),
    "a source file beside it that nobody imports": (project) => project.write("app/other.ts"),
    "a temporary file that comes and goes": (project) => {
      project.write("app/handler.ts.tmp");
      project.delete("app/handler.ts.tmp");
    },
  };
  for (const [name, act] of Object.entries(ways)) {
    test(name, async () => {
      using project = await WatchedProject.start();
      assertEquals(await project.told(() => act(project), 0), []);
    });
  }
});

describe("many files at once", () => {
  const names = Array.from({ length: 200 }, (_, number) => `app/lib${number % 10}/m${number}.ts`);

  test("are told of together", async () => {
    using project = await WatchedProject.start({ files: names });
    const change = async (): Promise<void> => {
      for (const [number, name] of names.entries()) {
        project.write(name);
        if (number % 10 === 9) await pause(5);
      }
    };
    assertTogether(await project.told(change), names.length);
  });

  test("are waited for while git changes the work tree", async () => {
    using project = await WatchedProject.start({ files: [...names, ".git/HEAD"], imported: names });
    const checkOut = async (): Promise<void> => {
      project.write(".git/index.lock", "");
      project.write(names[0] ?? "");
      await pause(300);
      for (const name of names.slice(1)) project.write(name);
      project.delete(".git/index.lock");
    };
    assertTogether(await project.told(checkOut), names.length);
  });

  test("that go on and on are not waited for without an end", async () => {
    using project = await WatchedProject.start();
    const writing = setInterval(() => project.write(handler), 2);
    assertEquals((await project.told(() => {}))[0], handler);
    clearInterval(writing);
  });
});

/** One report has them all where the machine keeps up; where it does not, it takes a few, and none is lost. */
function assertTogether(told: string[], count: number): void {
  const files = told.map((report) => report.split(" "));
  assertEquals(new Set(files.flat()).size, count);
  assert(told.length <= 5, `${told.length} reports: ${files.map(({ length }) => length)}`);
}
