/**
 * What the guide promises to be whole: each of these stands in it, and it has none that is not there.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assertEquals, assertGreater } from "@std/assert";
import { optionsPage, withTables } from "../../scripts/manual/options.ts";
import { commands } from "../../src/cli/commands.ts";
import { exitCodes } from "../../src/early_signals.ts";
import { metricLabels } from "../../src/metrics/names.ts";
import { pages, read } from "./markdown.ts";
import { allText, modules, warnings } from "./source.ts";

const chapters = pages().filter((page) => page.startsWith("docs/guide/"));
const guide = chapters.map(read).join("\n");
const source = allText();

/** Tables are not aligned where they are made, and prose is not broken. */
function collapsed(text: string): string {
  return text.replace(/[ \n]+/g, " ").replace(/-{3,}/g, "---");
}

/** What a pattern finds, each once, in order. */
function all(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([all, group]) => group ?? all))].toSorted();
}

function without(some: readonly string[], others: readonly string[]): string[] {
  return some.filter((one) => !others.includes(one));
}

/** The first cells of a page's tables, as far as they are code. */
function firstCells(page: string): string[] {
  return all(read(page), /^\| (`[^|]*`)(?: +)\|/gm).map((cell) => cell.replace(/^`+ ?| ?`+$/g, ""));
}

describe("options", () => {
  const flags = [
    ...commands.flatMap(({ flags }) => flags.flatMap(({ flag, aliases }) => [flag, ...aliases])),
    "--help",
    "--version",
  ];

  test("are in the guide as they are declared; scripts/reference writes them", () => {
    const page = read(optionsPage);
    assertEquals(collapsed(page), collapsed(withTables(page)));
  });

  test("that other chapters speak of are there", () => {
    // Those that compare Hurricane with others, or configure them.
    const others = /coming-from|proxies/;
    const spoken = chapters.filter((page) => !others.test(page)).flatMap((page) =>
      all(read(page), /(?<![\w/-])(--[a-z][a-z-]*[a-z])(?![\w-])/g)
    );
    assertEquals(without(spoken, [...flags, ...optionsOfOthers]), []);
  });

  test("are spoken of in a chapter besides the table", () => {
    const prose = chapters.filter((page) => page !== optionsPage).map(read).join("\n");
    const spoken = all(prose, /(?<![\w/-])(--[a-z][a-z-]*[a-z])(?![\w-])/g);
    const options = commands.flatMap(({ flags }) => flags)
      .filter(({ off, option }) => !off || option.off?.only).map(({ flag }) => flag);
    assertEquals(without([...new Set(options)], spoken), []);
  });
});

/** Of programs that the guide names beside Hurricane. */
const optionsOfOthers = [
  "--all",
  "--allow-env",
  "--allow-ffi",
  "--allow-import",
  "--allow-net",
  "--allow-read",
  "--allow-run",
  "--allow-sys",
  "--allow-write",
  "--bun",
  "--compile",
  "--config",
  "--env-file",
  "--import",
  "--inspect",
  "--install",
  "--outfile",
  "--parallel-immediate",
  "--parallel-max",
  "--set",
];

describe("variables", () => {
  test("that the source reads are in the guide", () => {
    const reads = modules.map(read).join("\n");
    const names = [
      ...all(reads, /\b(?:env|environment|variables)(?:\.|\[")([A-Z][A-Z_]{2,})\b/g),
      ...all(reads, /"(OTEL_[A-Z_]+)"/g),
      ...all(reads, /: "((?:SERVICE|POD)_[A-Z]+)"/g),
    ];
    const named = all(guide, /`([A-Z][A-Z_]+)(?:=[^`]*)?`/g);
    const families = all(guide, /`(OTEL_[A-Z_]+…)(?:_[A-Z]+)?`/g).map((name) => name.slice(0, -1));
    const missing = without(names, named).filter((name) =>
      !families.some((family) => name.startsWith(family)) && !internal.test(name)
    );
    assertEquals(missing, []);
  });

  test("of Hurricane that the guide names are there", () => {
    const variables = commands.filter(({ variables }) => variables).flatMap(({ flags }) =>
      flags.flatMap((
        { variable, option },
      ) => [variable, ...option.fromFile ? [`${variable}_FILE`] : []])
    );
    const named = all(guide, /\b(HURRICANE_[A-Z_]+[A-Z])\b/g);
    assertEquals(without(named, [...variables, "HURRICANE_RUNTIME", ofDjangoHurricane]), []);
  });
});

const ofDjangoHurricane = "HURRICANE_VERSION";

/** Between Hurricane's own processes. */
const internal = /^HURRICANE_INTERNAL_/;

describe("metrics", () => {
  const table = all(read("docs/guide/metrics.md"), /^\| (`.*?`) +\| /gm);
  const named = table.flatMap((cell) => all(cell, /`([^`]+)`/g)).map((text) => {
    const [, name = "", labels = ""] = /^(\w+)(?:\{(.*)\})?$/.exec(text) ?? [];
    return { name, labels: labels === "" ? [] : labels.split(",") };
  }).filter(({ name }) => /_/.test(name));

  test("are in the guide's table with their labels, and no others", () => {
    assertEquals(named.map(({ name }) => name).toSorted(), Object.keys(metricLabels).toSorted());
    for (const { name, labels } of named) {
      if (name.startsWith("messaging_")) continue;
      const known = metricLabels[name as keyof typeof metricLabels] as readonly string[];
      assertEquals(without(known, labels), [], name);
    }
  });

  test("that other chapters speak of are there", () => {
    const spoken = all(guide, /\b((?:hurricane|http_server|messaging|process)_[a-z_]*[a-z])\b/g)
      .map((name) => name.replace(/_(?:bucket|count|sum)$/, ""));
    assertEquals(without(spoken, [...Object.keys(metricLabels), ...labelNames]), []);
  });
});

const labelNames = [...new Set(Object.values(metricLabels).flat())] as string[];

describe("messages of the levels warn and error", () => {
  const page = "docs/guide/log-messages.md";

  test("are in the guide, and no others", () => {
    const said = new Set([
      ...warnings().flatMap(({ module, message }) => spelledOut[`${module} ${message}`] ?? message),
      ...otherwise,
    ]);
    assertEquals(firstCells(page), [...said].toSorted());
  });

  test("that are made of parts are made of what the source has", () => {
    const text = source.replace(/\$\{[^{}]*\}/g, "…");
    const made = Object.entries(spelledOut).flatMap(([said, messages]) => {
      const [, before = ""] = /^\S+ ([^…]*)…/.exec(said) ?? [];
      return messages.map((message) => message.slice(before.length));
    });
    const parts = [...made, ...otherwise].flatMap((message) => message.split("…"))
      .map((part) => part.replace(/^["): ]+|["(: ]+$/g, ""));
    assertEquals(parts.filter((part) => !text.includes(part)), []);
  });

  test("of which parts are spelled out are there", () => {
    const there = warnings().map(({ module, message }) => `${module} ${message}`);
    assertEquals(without(Object.keys(spelledOut), there), []);
  });
});

/** Messages that say nothing by themselves: what they are in the end. */
const starts = [
  "… is ignored: … is the address of a Kubernetes Service of that name (enableServiceLinks: false in the pod keeps such variables away)",
  "… is none of Hurricane's variables",
  "… means nothing without …",
  "the debugger is on in Kubernetes: with kubectl port-forward one can run any code in the handler, and while it is at a breakpoint it serves nobody, though liveness does not fail",
  "… of … expired on …",
  "… of … is not valid before …",
];
const spelledOut: Record<string, string[]> = {
  "src/cli/run_service.ts …": starts,
  "src/mod.ts …": starts,
  "src/commands/run.ts …": [
    'command "…" was not started: Hurricane is stopping',
    'command "…" was interrupted …: Hurricane is stopping',
  ],
  "src/supervisor/process/app_process.ts …": [
    "the handler's process sent an unreadable message (… …): …",
  ],
  "src/supervisor/service.ts …": ["gave up after … within a minute: …"],
  "src/supervisor/memory/watch.ts the handler's process …": ["the handler's process is killed: …"],
  "src/supervisor/workers/report.ts the handler's process …": [
    "the handler's process was killed by …",
    "the handler's process exited with code …",
    "the handler's process is killed: …",
  ],
  "src/supervisor/workers/report.ts …: …": [
    "cannot start: …",
    "the handler cannot be started: …",
    "the handler cannot be started again: …",
    "the handler's process cannot be replaced: …",
  ],
};

/** Those that go past the functions that log. */
const otherwise = ["lines of the log were lost, for nobody read them in time: …"];

describe("troubleshooting", () => {
  const rows = read("docs/guide/troubleshooting.md").split("\n").filter((line) =>
    /^\| (?!-|what you see)/.test(line)
  );

  test("has thirty symptoms and more", () => assertGreater(rows.length, 30));

  test("gives what Hurricane says as it says it", () => {
    const text = source.replace(/\$?\{[\w.]*\}|\$\{[^{}]*\}/g, "…");
    const said = rows.flatMap((row) => all(row, /`([^`]+)`/g)).filter((quoted) =>
      /^…?.*[a-z] [a-z]/.test(quoted)
    )
      .filter((quoted) => !commandsOfOthers.test(quoted));
    const parts = said.flatMap((quoted) => quoted.split(/…|": |: |\d+/)).map((part) =>
      part.trim().replace(/^"|"$/g, "")
    )
      .filter((part) => part.length > 3);
    assertGreater(parts.length, 30);
    assertEquals(parts.filter((part) => !text.includes(part)), []);
  });
});

test("what the probes answer is in troubleshooting, or in the chapter about them", () => {
  const told = ["troubleshooting.md", "probes.md"].map((page) => read(`docs/guide/${page}`))
    .join("\n").replace(/[ \n]+/g, " ");
  const parts = ["src/probes/probes.ts", "src/app/checks.ts"].flatMap((module) =>
    all(read(module).replace(/^ *(?:\/?\*|\/\/|import).*$/gm, ""), /["`](.*?)["`]/g)
      .flatMap((text) => text.split(/\$\{[^}]*\}/)).map((part) =>
        part.replace(/^[;: ]+|[: ]+$/g, "")
      )
  ).filter((part) => /[a-z],? [a-z]/.test(part));
  assertGreater(parts.length, 10);
  assertEquals(parts.filter((part) => !told.includes(part)), []);
});

/** To be typed, and not said by Hurricane. */
const commandsOfOthers =
  /^(?:hurricane|kubectl|curl|env|ss|build|manifest) |^--|^enableServiceLinks|^if /;

describe("exit codes", () => {
  test("are in the guide, and no others", () => {
    const table = read("docs/guide/shutdown.md").split("## Exit codes")[1]?.split("\n\n")[1] ?? "";
    const listed = all(table, /^\| ([\d, ]+?) +\|/gm).flatMap((cell) =>
      cell.split(", ").map(Number)
    );
    assertEquals(
      listed.toSorted((a, b) => a - b),
      [0, 1, 2, ...Object.values(exitCodes)].toSorted((a, b) => a - b),
    );
  });
});
