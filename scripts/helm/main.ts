/**
 * What `scripts/chart` runs.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { madeFiles } from "./made.ts";

const chart = new URL("../../docs/helm/hurricane/", import.meta.url);
for (const [path, text] of Object.entries(madeFiles())) {
  const file = new URL(path, chart);
  mkdirSync(new URL("./", file), { recursive: true });
  writeFileSync(file, text);
}
