import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { madeFiles } from "../../scripts/monitoring/made.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));

for (const [path, text] of Object.entries(madeFiles())) {
  test(`${path} is what scripts/dashboards writes`, () => {
    assertEquals(readFileSync(join(repository, path), "utf8"), text);
  });
}
