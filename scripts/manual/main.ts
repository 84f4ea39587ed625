/**
 * What `scripts/reference` runs.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { optionsPage, withTables } from "./options.ts";

const file = new URL(`../../${optionsPage}`, import.meta.url);
writeFileSync(file, withTables(readFileSync(file, "utf8")));
