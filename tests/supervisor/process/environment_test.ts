import { describe, test } from "node:test";
import { assertEquals, assertFalse } from "@std/assert";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runtime } from "../../../src/runtime/mod.ts";
import { inheritedEnvironment } from "../../../src/supervisor/process/environment.ts";
import { TempDir } from "../../support/temp_dir.ts";

const module = fileURLToPath(
  new URL("../../../src/supervisor/process/environment.ts", import.meta.url),
);

describe("inheritedEnvironment", { skip: process.platform !== "linux" }, () => {
  test("has what the process was started with, unless that was deleted since", () => {
    assertEquals(inheritedEnvironment()["PATH"], process.env["PATH"]);
    const { PATH } = process.env;
    try {
      delete process.env["PATH"];
      assertFalse("PATH" in inheritedEnvironment());
    } finally {
      process.env["PATH"] = PATH;
    }
  });

  test("has nothing that came from a .env file", () => {
    using dir = new TempDir();
    dir.file(".env", "FROM_FILE=1\nFROM_BOTH=file\n");
    const script = dir.file(
      "script.ts",
      `import process from "node:process";
      import { inheritedEnvironment } from ${JSON.stringify(module)};
      const of = ({ FROM_FILE, FROM_BOTH }) => [FROM_FILE ?? null, FROM_BOTH];
      console.log(JSON.stringify([of(process.env), of(inheritedEnvironment())]));`,
    );
    const args = runtime.name === "bun" ? [script] : ["run", "-A", "--env-file", script];
    const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], FROM_BOTH: "real" };
    const { stdout } = spawnSync(process.execPath, args, { cwd: dir.path, env });
    assertEquals(JSON.parse(stdout.toString()), [["1", "real"], [null, "real"]]);
  });
});
