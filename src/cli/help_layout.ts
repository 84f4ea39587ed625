/**
 * How the help is laid out.
 *
 * @module
 */
import type { BuiltinHandler } from "../app/handler.ts";
import { displayCommand } from "../commands/display.ts";
import type { Flag, Option } from "../options/option.ts";
import type { Command } from "./command.ts";

/** A part of the help: lines below a heading, or without one. */
export interface HelpSection {
  title?: string;
  body: string;
}

/** No line of the help is longer. */
const width = 100;

/** Where the explanations begin. */
const column = 33;

/** The help of Hurricane itself: cac's sections, below what it is. */
export function overview([, ...sections]: HelpSection[]): HelpSection[] {
  return [
    { body: "Hurricane makes a fetch handler, or any HTTP server, a good citizen of Kubernetes." },
    ...sections.map((section) => ({ ...section, body: section.body.replaceAll(/ +$/gm, "") })),
  ];
}

/**
 * The help of a command: how it is called, then its options by their groups.
 *
 * @param sections Those of cac, which has no groups of options.
 * @param builtin The handler that is part of the program, if one is.
 */
export function commandHelp(
  command: Command,
  sections: HelpSection[],
  builtin?: BuiltinHandler,
): HelpSection[] {
  const { summary, flags, note } = command;
  const [example] = flags;
  const help: HelpSection[] = [
    { body: `${summary}.${builtin === undefined ? "" : ` The handler: ${builtin.name}.`}` },
    ...sections.filter(({ title }) => title === "Usage"),
    ...groups(flags),
  ];
  const defaults = builtin?.defaults ?? [];
  if (defaults.length > 0) {
    const body = `  ${defaults.map((word) => quoteWord(displayCommand(word))).join(" ")}`;
    help.push({ title: "Built-in defaults, which flags and variables override", body });
  }
  if (example !== undefined && command.variables) {
    help.push({ title: "Variables", body: variables(example) });
  }
  if (note !== undefined) help.push({ body: paragraph(note) });
  help.push(...sections.filter(({ title }) => title === "Examples"));
  return help;
}

/** A word as a shell would need it. */
function quoteWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function groups(flags: Flag[]): HelpSection[] {
  const bodies = new Map<string, string[]>();
  for (const flag of flags) {
    const { group } = flag.option;
    bodies.set(group, [...bodies.get(group) ?? [], describe(flag)]);
  }
  return [...bodies].map(([title, lines]) => ({ title, body: lines.join("\n") }));
}

/** `  --flag <VALUE>`, and beside it what it is for, its default, and whether it can be repeated. */
function describe({ flag, aliases, option, off, takesValue }: Flag): string {
  const short = option.short === undefined ? "" : `-${option.short}, `;
  const names = [flag, ...aliases].join(", ");
  const left = `  ${short}${names}${takesValue ? ` <${option.value}>` : ""}`.padEnd(column);
  const help = (off ? option.off?.help : undefined) ?? option.help;
  const lines = wrap([...help.split(" "), ...off ? [] : notes(option)], width - column);
  return left + lines.join(`\n${" ".repeat(column)}`);
}

/** Whole phrases, which are not broken. */
function notes(option: Option): string[] {
  if (option.repeatable) return ["(repeatable)"];
  return option.default === undefined ? [] : [`(default: ${option.default})`];
}

function variables({ flag, variable }: Flag): string {
  const text = `Each option is also a variable: ${flag} is ${variable}. A flag goes before a ` +
    "variable, and that before the default. A variable of a repeatable option holds one value a " +
    "line, or a JSON array. Options without a value take true, false, 1, 0, yes and no.";
  return paragraph(text);
}

function paragraph(text: string): string {
  return wrap(text.split(" "), width - 2).map((line) => `  ${line}`).join("\n");
}

function wrap(words: string[], width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line];
}
