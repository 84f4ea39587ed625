import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { dashboard } from "../../src/monitoring/dashboard.ts";

const tools = fileURLToPath(new URL("../../.tools/", import.meta.url));
const version = "13.2.3";
const schema = join(tools, `grafana-schema-${version}`);
const deno = process.env["HURRICANE_DENO"] ?? "deno";

/** Installs Grafana's published types, once; tells why it cannot. */
function install(): string | undefined {
  if (existsSync(schema)) return undefined;
  const folder = `${schema}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  writeFileSync(join(folder, "deno.json"), '{ "nodeModulesDir": "manual" }\n');
  const { status, error } = spawnSync(
    "npm",
    ["install", "--ignore-scripts", "--no-audit", "--no-fund", `@grafana/schema@${version}`],
    { cwd: folder, stdio: "ignore" },
  );
  if (status === 0 && error === undefined) {
    // Another test process may have been faster.
    if (!existsSync(schema)) renameSync(folder, schema);
    return undefined;
  }
  rmSync(folder, { recursive: true, force: true });
  return `skipped: npm cannot install @grafana/schema@${version}`;
}

const missing = install();
if (missing !== undefined) console.log(missing);

/** The errors that the type checker has of the dashboard as Grafana's own `Dashboard`. */
function errorsOf(value: unknown): string {
  const file = join(schema, `dashboard-${process.pid}.ts`);
  writeFileSync(
    file,
    `import type { Dashboard } from "@grafana/schema";\n` +
      `export const dashboard: Dashboard = ${JSON.stringify(value, null, 1)};\n`,
  );
  try {
    const { status, stderr } = spawnSync(deno, ["check", "--quiet", file], {
      cwd: schema,
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
    return status === 0 ? "" : stderr;
  } finally {
    rmSync(file, { force: true });
  }
}

describe("the dashboard", () => {
  test("is one by Grafana's published types", { skip: missing ?? false }, () => {
    assertEquals(errorsOf(dashboard()), "");
    assertEquals(errorsOf({ ...dashboard(), refresh: 30 }).includes("refresh"), true);
  });

  test("has panels that do not overlap, each with another number", () => {
    const { panels } = dashboard();
    assertEquals(new Set(panels.map(({ id }) => id)).size, panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + index % w} ${y + Math.floor(index / w)}`)
    );
    assertEquals(new Set(cells).size, cells.length);
    assertEquals(panels.every(({ gridPos: { x, w } }) => x + w <= 24), true);
  });
});
