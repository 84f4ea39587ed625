/**
 * The tables of `docs/guide/options.md`, made of what the commands declare.
 *
 * @module
 */
import type { Command } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commands.ts";
import { serveCommand } from "../../src/cli/commands/serve.ts";
import type { Flag, Option } from "../../src/options/option.ts";

/** The page, by its path from the project's root. */
export const optionsPage = "docs/guide/options.md";

/** Between these lines of the page stands what is made. */
const begin = "<!-- What follows is written by scripts/reference. -->";
const end = "<!-- What was written by scripts/reference ends here. -->";

/**
 * The page with its tables made anew. They are not aligned: `deno fmt` does that.
 *
 * @param page The page as it is.
 */
export function withTables(page: string): string {
  const before = page.split(begin)[0] ?? "";
  const after = page.split(end)[1] ?? "";
  return [before + begin, ...commands.flatMap(chapter), end + after].join("\n\n");
}

/** A command: its options by their groups; of another than `serve` only what `serve` does not have. */
function chapter({ name, positionals, summary, flags, texts, note }: Command): string[] {
  const words = ["hurricane", name, positionals, "[options]"].filter((word) => word !== "");
  const isServe = name === serveCommand.name;
  const known = isServe ? [] : flags.filter((flag) => serveCommand.flags.includes(flag));
  const own = flags.filter((flag) => !known.includes(flag));
  const shared = known.length === 0
    ? []
    : known.length === serveCommand.flags.length
    ? ["It has all options of `serve`."]
    : [`Of \`serve\` it has ${known.map(({ flag }) => `\`${flag}\``).join(", ")}.`];
  const about = note === undefined ? [] : [escaped(note)];
  return [
    `## hurricane ${name}`,
    `\`${words.join(" ")}\`: ${summary}.`,
    ...shared,
    ...about,
    ...Object.entries(Object.groupBy(own, ({ option }) => option.group)).flatMap(
      ([group, flags = []]) => [
        ...isServe ? [`### ${group}`] : [],
        table(flags, texts, isServe),
      ],
    ),
  ];
}

function table(flags: Flag[], texts: Command["texts"] = {}, withVariables: boolean): string {
  const columns = ["option", ...withVariables ? ["variable"] : [], "what it does", "default"];
  const rows = flags.map((flag) => {
    const { option, off } = flag;
    const text = texts[option.key] ?? (off ? option.off?.help : undefined) ?? option.help;
    return [
      written(flag),
      ...withVariables ? [variables(flag)] : [],
      escaped(text) + (option.repeatable ? " Repeatable." : ""),
      off ? "" : defaultOf(option),
    ];
  });
  return [columns, columns.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function written({ flag, aliases, option, takesValue }: Flag): string {
  const short = option.short === undefined ? [] : [`-${option.short}`];
  const names = [flag, ...aliases, ...short].map((name) => `\`${name}\``).join(", ");
  return takesValue ? `${names} \`${escaped(option.value ?? "")}\`` : names;
}

function variables({ variable, off, option }: Flag): string {
  const file = option.fromFile && !off ? [`${variable}_FILE`] : [];
  const others = off ? [] : option.otherVariables ?? [];
  return [variable, ...file, ...others].map((name) => `\`${name}\``).join(", ");
}

function defaultOf(option: Option): string {
  return escaped(option.default ?? (option.repeatable ? "none" : option.value ? "" : "off"));
}

/** As a cell of a table. */
function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("*", "\\*");
}
