/**
 * The files of the chart that follow from what Hurricane says elsewhere, by their paths in it.
 *
 * @module
 */
import { dashboard } from "../../src/monitoring/dashboard.ts";
import { ruleGroups } from "../../src/monitoring/rules.ts";
import { flagsOf } from "../../src/options/option.ts";
import { serveFlags } from "../../src/options/serve_table.ts";
import { optionsOf } from "../../src/options/table.ts";
import { version } from "../../src/version.ts";
import { chartValues, passedValues } from "./chart_values.ts";
import { schema } from "./schema.ts";

const widest = 98;
const madeBy = "made by scripts/chart";

/** The text of each file. */
export function madeFiles(): Record<string, string> {
  return {
    "Chart.yaml": chart(),
    "values.yaml": values(),
    "values.schema.json": json(schema()),
    "templates/_options.tpl": options(),
    // Two names that the template replaces: a JSON string in which both are.
    "files/rules.json": json(
      ruleGroups("__SCOPE__").map(({ name, rules }) => ({
        name: `__NAME__-${name}`,
        rules: rules.map(({ rule }) => rule),
      })),
    ),
    // As one line it is smaller, and a ConfigMap that kubectl applies may have no more than 256 KiB.
    "files/dashboard.json": `${JSON.stringify(dashboard())}\n`,
  };
}

function chart(): string {
  return [
    `# ${capitalized(madeBy)}, of the version in deno.json.`,
    "apiVersion: v2",
    "name: hurricane",
    "description: A TypeScript fetch handler, served by Hurricane; the values are its options.",
    "type: application",
    `version: ${version}`,
    `appVersion: ${version}`,
    "",
  ].join("\n");
}

/** The values as Helm shows them, each under what the help says of it. */
function values(): string {
  const lines = [
    "# The options of hurricane manifest and of hurricane serve. What is null is not given.",
    `# ${capitalized(madeBy)}.`,
  ];
  let group = "";
  for (const value of chartValues) {
    if (value.group !== group) lines.push("", `# ${value.group}`);
    group = value.group;
    lines.push("", ...comment(described(value)), ...allowed(value));
    lines.push(`${value.key}: ${initialOf(value)}`);
  }
  return `${lines.join("\n")}\n`;
}

function described(value: typeof chartValues[number]): string {
  if (!("kind" in value)) return value.help;
  const { help, default: told, initial } = value;
  const usual = told ?? (initial === undefined || Array.isArray(initial) ? undefined : initial);
  return usual === undefined ? help : `${help} Default: ${usual}.`;
}

/** What a value must be, where that is not said by its default: on or off. */
function allowed(value: typeof chartValues[number]): string[] {
  if (!("kind" in value) || value.value === undefined || value.variables) return [];
  return comment(`${value.repeatable ? "Each must be" : "It must be"} ${value.kind.allowed}.`);
}

function initialOf(value: typeof chartValues[number]): string {
  if (value.key === "image") return '""';
  if (!("kind" in value)) return "null";
  if (value.variables) return "{}";
  return value.repeatable ? "[]" : "null";
}

/** Lines of a comment, as long as lines are in this project. */
function comment(text: string): string[] {
  const lines: string[] = [];
  let line = "#";
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > widest) {
      lines.push(line);
      line = "#";
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

/** What the templates have to know of the options, as JSON in named templates. */
function options(): string {
  const defaults = chartValues.flatMap((value) =>
    "kind" in value && typeof value.initial !== "undefined" && !value.variables
      ? [[value.key, value.initial]]
      : []
  );
  const flags = passedValues.map((value) => {
    const [option] = optionsOf({ [value.key]: value });
    const [on, off] = flagsOf([option!]);
    return value.off?.only
      ? { key: value.key, off: on!.flag }
      : { key: value.key, on: on!.flag, off: off?.flag };
  });
  const held = serveFlags.filter(({ option }) => option.fromFile)
    .map(({ variable, option }) => [variable, option.key]);
  return [
    `{{- /* ${capitalized(madeBy)}, of src/options/serve_table.ts. */ -}}`,
    named("hurricane.defaults", Object.fromEntries(defaults)),
    named("hurricane.flags", flags),
    named("hurricane.heldOptions", Object.fromEntries(held)),
    "",
  ].join("\n");
}

function named(name: string, value: unknown): string {
  return `{{- define "${name}" -}}\n${JSON.stringify(value, null, 2)}\n{{- end -}}`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
