/**
 * Prometheus' own tool, as a judge that had no part in Hurricane.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why nothing can be asked of it here; `undefined` where it is installed. */
export const promtoolMissing = spawnSync("promtool", ["--version"]).error === undefined
  ? undefined
  : "skipped: promtool is not installed (Debian has it in the package prometheus)";

/** What `promtool check metrics` has against a text, errors and lint; nothing where all is well. */
export function lint(text: string): string {
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
    input: text,
    encoding: "utf8",
  });
  return status === 0 ? stdout + stderr : `exit ${status}: ${stdout}${stderr}`;
}

/**
 * What Prometheus' OpenMetrics parser has against a text; nothing where it reads it.
 *
 * promtool only reads OpenMetrics to import it, and then wants a time with each sample.
 */
export function readOpenMetrics(text: string): string {
  const dir = mkdtempSync(join(tmpdir(), "promtool-"));
  try {
    const input = join(dir, "input");
    writeFileSync(input, text.replace(/^[^#\n].*$/gm, "$& 1700000000"));
    const { status, stdout, stderr } = spawnSync(
      "promtool",
      ["tsdb", "create-blocks-from", "openmetrics", "--quiet", input, join(dir, "blocks")],
      { encoding: "utf8" },
    );
    return status === 0 ? "" : `exit ${status}: ${stdout}${stderr}`;
  } finally {
    rmSync(dir, { recursive: true });
  }
}
