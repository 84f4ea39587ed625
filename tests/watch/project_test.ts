import { homedir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { projectOf } from "../../src/watch/project.ts";
import { TempDir } from "../support/temp_dir.ts";

/** The project of `apps/api/src` in a repository with these files: its folder, and where it looks. */
function project(files: string[], cwd = "apps/api/src") {
  using dir = new TempDir();
  for (const file of ["apps/api/src/handler.ts", ...files]) dir.file(file, "{}");
  const { folder, configuration } = projectOf(join(dir.path, "apps/api/src"), join(dir.path, cwd));
  const short = (path: string) => path.slice(dir.path.length + 1);
  const looked = configuration.filter((path) => path.endsWith("package.json")).map(short);
  return { folder: short(folder), looked };
}

describe("the project of a handler", () => {
  test("is its folder, where there is no configuration", () => {
    assertEquals(project([]), { folder: "apps/api/src", looked: ["apps/api/src/package.json"] });
  });

  test("is that of the nearest configuration", () => {
    assertEquals(project(["apps/api/package.json", "package.json"]), {
      folder: "apps/api",
      looked: ["apps/api/src/package.json", "apps/api/package.json"],
    });
  });

  test("looks as far up as any configuration that applies", () => {
    assertEquals(project(["apps/api/package.json", "deno.jsonc"]), {
      folder: "apps/api",
      looked: [
        "apps/api/src/package.json",
        "apps/api/package.json",
        "apps/package.json",
        "package.json",
      ],
    });
  });

  test("reaches up to the working directory", () => {
    assertEquals(project(["apps/api/package.json"], "apps").folder, "apps");
    assertEquals(project(["apps/api/package.json"], "elsewhere").folder, "apps/api");
  });

  test("is never all that belongs to a user, or to the machine", () => {
    const folder = join(homedir(), "no/such/folder");
    for (const cwd of ["/", homedir()]) assertEquals(projectOf(folder, cwd).folder, folder);
  });
});
