/**
 * The files in `docs/` that are made of what `src/monitoring/` says.
 *
 * @module
 */
import { note } from "../../src/manifest/note.ts";
import { yaml } from "../../src/manifest/render.ts";
import { dashboard } from "../../src/monitoring/dashboard.ts";
import { ruleGroups } from "../../src/monitoring/rules.ts";

/** The text of each file, by its path from the project's root. */
export function madeFiles(): Record<string, string> {
  const groups = ruleGroups("").map(({ name, rules }) => ({
    name,
    rules: rules.map(({ comment, rule }) => note(rule, comment)),
  }));
  return {
    "docs/prometheus-rules.yml": yaml(
      [{ groups }],
      "What one wants to see of a service, and to be woken for. Loaded by prometheus.yml; made by\n" +
        "scripts/dashboards.",
    ),
    "docs/grafana/hurricane.json": `${JSON.stringify(dashboard(), null, 2)}\n`,
  };
}
