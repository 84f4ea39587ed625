/**
 * What `scripts/proxies` runs.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { found, type Kind, kinds } from "../../tests/support/proxies/kinds.ts";
import { type Variant, variants } from "../../tests/support/proxies/page.ts";
import { type Row, table } from "./table.ts";

function refuse(message: string): never {
  console.error(`scripts/proxies: ${message}`);
  process.exit(2);
}

function milliseconds(option: "pause" | "away"): number {
  const seconds = Number(values[option]);
  if (!(seconds >= 0 && seconds <= 20)) {
    refuse(`--${option} ${values[option]}: give seconds, 0 to 20`);
  }
  return 1000 * seconds;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "3" },
    pause: { type: "string", default: "2" },
    away: { type: "string", default: "2" },
    variant: { type: "string" },
    form: { type: "string", default: "executable" },
  },
});
const names = kinds.map(({ name }) => name);
for (const name of positionals) {
  if (!names.includes(name)) refuse(`there is no ${name}: give some of ${names.join(", ")}`);
}
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) {
  refuse(`--runs ${values.runs}: give a whole number from 1`);
}
const pauses = { between: milliseconds("pause"), away: milliseconds("away") };
if (!["executable", "bun", "deno"].includes(values.form)) {
  refuse(`--form ${values.form}: give executable, bun or deno`);
}
if (![undefined, "comes", "recommended"].includes(values.variant)) {
  refuse(`--variant ${values.variant}: give comes or recommended`);
}
// The tests' harness reads it when it is loaded.
process.env["HURRICANE_FORM"] = values.form;
const { restarts } = await import("./restarts.ts");

const wanted = kinds.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const rows: Row[] = [];
for (const kind of wanted) {
  const program = found(kind);
  if ("missing" in program) {
    console.error(`${kind.name}: ${program.missing}`);
    continue;
  }
  for (const variant of variants) {
    if (values.variant === undefined || variant.toLowerCase().endsWith(values.variant)) {
      rows.push(await measured(kind, variant, program.version));
    }
  }
}
console.log(table(rows));
const harmed = rows.some(({ variant, results }) =>
  variant === "Recommended" && results.some(({ failed }) => failed > 0)
);
process.exitCode = harmed ? 1 : 0;

async function measured(kind: Kind, variant: Variant, version: string): Promise<Row> {
  const row: Row = { proxy: `${kind.name} ${version}`, variant, results: [] };
  for (let run = 1; run <= runs; run++) {
    const result = await restarts(kind, variant, pauses);
    row.results.push(result);
    const why = result.failed === 0
      ? ""
      : ` ${JSON.stringify(Object.fromEntries(result.failures))}`;
    console.error(
      `${row.proxy}, ${variant.toLowerCase()}, run ${run}: ${result.failed} of ${result.sent} failed` +
        `${why}, the slowest answer took ${Math.round(result.slowest)} ms`,
    );
  }
  return row;
}
