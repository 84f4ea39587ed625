/**
 * The manual page, hurricane(1), in the macros of man(7).
 *
 * @module
 */
import type { Flag } from "../../options/option.ts";
import { version } from "../../version.ts";
import type { Command } from "../command.ts";
import { page, paragraph, plain, section, tagged } from "./roff.ts";

/** All that the commands' help says, in one page. */
export function manualPage(commands: readonly Command[]): string {
  const [example] = commands.flatMap(({ flags, variables }) => variables ? flags : []);
  const lines = [
    `.TH HURRICANE 1 "" "hurricane ${plain(version)}" "User Commands"`,
    section("NAME"),
    plain("hurricane - serve a fetch handler, or any HTTP server, in Kubernetes"),
    section("SYNOPSIS"),
    ...commands.flatMap(({ name, positionals }) => [
      `.B ${plain(`hurricane ${name}`)}`,
      `.RI ${plain(`${positionals} [options]`.trim()).split(" ").join("\\~")}`,
      ".br",
    ]).slice(0, -1),
    section("DESCRIPTION"),
    ...paragraph(
      "Hurricane makes a fetch handler, or any HTTP server, a good citizen of Kubernetes: with probes, a " +
        "request queue that is counted, commands that run before it serves, webhooks, metrics, and a " +
        "graceful shutdown.",
    ),
    section("COMMANDS"),
    ...commands.flatMap((command) => described(command, commands)),
    section("OPTIONS OF ALL COMMANDS"),
    ...tagged("-h, --help", "Display the help of the command."),
    ...tagged("-v, --version", "Print the versions of Hurricane and of the runtime."),
    section("ENVIRONMENT"),
    ...example === undefined ? [] : paragraph(
      `Each option of serve, consume and probe is also a variable: ${example.flag} is ` +
        `${example.variable}. A flag goes before a variable, that before the file of --config, and ` +
        "that before the default.",
    ),
    section("EXIT STATUS"),
    ...tagged("0", "It has done what it was asked to, or was stopped and nothing was cut off."),
    ...tagged(
      "1",
      "It failed to start, had to give up, cut off what was in flight, or a probe says no.",
    ),
    ...tagged(
      "2",
      "It was used wrongly: one line on standard error says how. Nothing was started.",
    ),
  ];
  return page(lines);
}

/** A command with its options; where another one has the same, it is named. */
function described(command: Command, commands: readonly Command[]): string[] {
  const { name, positionals, summary, flags, note, texts = {}, example, examples } = command;
  const before = commands.slice(0, commands.indexOf(command));
  const alike = flags.length === 0 ? undefined : before.find((other) => other.flags === flags);
  const groups = alike === undefined ? [...Map.groupBy(flags, ({ option }) => option.group)] : [];
  return [
    `.SS ${plain(`hurricane ${name} ${positionals}`.trim())}`,
    ...paragraph(`${summary}.`),
    ...note === undefined ? [] : paragraph(note),
    ...alike === undefined ? [] : paragraph(`Its options are those of ${alike.name}.`),
    ...groups.flatMap(([group, flags]) => [
      ...paragraph(`${group}:`),
      ...flags.flatMap((flag) => describedFlag(flag, texts[flag.option.key])),
    ]),
    ...paragraph("Examples:"),
    ".nf",
    ".RS",
    ...examples.map((options) =>
      plain(["hurricane", name, example, options].filter((word) => word !== "").join(" "))
    ),
    ".RE",
    ".fi",
  ];
}

function describedFlag(flag: Flag, text: string | undefined): string[] {
  const { option, off, takesValue, aliases } = flag;
  const short = option.short === undefined ? [] : [`-${option.short}`];
  const names = [...short, flag.flag, ...aliases].join(", ");
  const help = text ?? (off ? option.off?.help : undefined) ?? option.help;
  const note = option.repeatable
    ? " (repeatable)"
    : option.default === undefined || off
    ? ""
    : ` (default: ${option.default})`;
  return tagged(takesValue ? `${names} ${option.value}` : names, help + note);
}
