/**
 * What `scripts/dashboards` runs.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { madeFiles } from "./made.ts";

for (const [path, text] of Object.entries(madeFiles())) {
  writeFileSync(new URL(`../../${path}`, import.meta.url), text);
}
