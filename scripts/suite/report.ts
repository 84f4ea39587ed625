/**
 * What Bun and Deno write about their tests, as JUnit reports.
 *
 * @module
 */

/** One test. */
export interface Case {
  /** With the groups around it: `group > test`. */
  name: string;
  /** From the repository; `undefined` where the report does not tell. */
  file: string | undefined;
  outcome: "passed" | "failed" | "skipped";
  /** How it failed. */
  failure: string;
}

const tags = new RegExp(
  [
    /<testsuite\b([^>]*)>/,
    /(<\/testsuite>)/,
    /<testcase\b((?:[^>"]|"[^"]*")*?)(?:\/>|>(.*?)<\/testcase>)/,
  ].map(({ source }) => source).join("|"),
  "gs",
);

/**
 * The tests of a report.
 *
 * @param filter a part of the names of those that count: runtimes report others as skipped
 */
export function readReport(xml: string, filter = ""): Case[] {
  const suites: (string | undefined)[] = [];
  const cases: Case[] = [];
  for (const [, suite, suiteEnd, attributes = "", body = ""] of xml.matchAll(tags)) {
    if (suite !== undefined) {
      // Bun has a suite for each file, and in it one for each group, which alone has a line.
      suites.push(attribute(suite, "line") === undefined ? undefined : attribute(suite, "name"));
    } else if (suiteEnd !== undefined) suites.pop();
    else cases.push(readCase(suites.filter((name) => name !== undefined), attributes, body));
  }
  return withoutGroups(cases).filter(({ name }) => name.includes(filter));
}

function readCase(groups: string[], attributes: string, body: string): Case {
  const name = [...groups, attribute(attributes, "name") ?? ""].join(" > ");
  const file = [attribute(attributes, "file"), attribute(attributes, "classname")]
    .map((text) => /tests\/.*_test\.ts$/.exec(text ?? "")?.[0])
    .find((found) => found !== undefined);
  // Deno calls an example `file:///…/src/within.ts#9-16.ts`, by its lines.
  const source = /^file:.*\/(src\/.*\.ts)#[\d-]+\.ts$/.exec(name)?.[1];
  const [, element, failureText = ""] =
    /<(?:failure|error)\b((?:[^>"]|"[^"]*")*?)(?:\/>|>(.*?)<\/(?:failure|error)>)/s.exec(body) ??
      [];
  const failure = unescapeXml(failureText).trim() || (attribute(element ?? "", "message") ?? "");
  return {
    name,
    file: file ?? source ?? /tests\/[^\s:()]*_test\.ts/.exec(failure)?.[0],
    outcome: element !== undefined ? "failed" : body.includes("<skipped") ? "skipped" : "passed",
    failure,
  };
}

/**
 * Deno reports a group as a case of its own, and only there its file. It stays where it failed by itself:
 * before or after its tests.
 */
function withoutGroups(cases: readonly Case[]): Case[] {
  const groups = new Set(cases.flatMap(({ name }) => outer(name)));
  const files = new Map(cases.map(({ name, file }) => [name, file]));
  return cases
    .filter(({ name, outcome, failure }) =>
      !groups.has(name) || (outcome === "failed" && !/^\d+ test steps? failed/.test(failure))
    )
    .map((one) => ({ ...one, file: one.file ?? files.get(outer(one.name)[0] ?? "") }));
}

/** The full names of the groups that a test is in, the outermost first. */
function outer(name: string): string[] {
  const parts = name.split(" > ");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join(" > "));
}

function attribute(attributes: string, name: string): string | undefined {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1];
  return value === undefined ? undefined : unescapeXml(value);
}

const entities: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function unescapeXml(text: string): string {
  return text.replace(
    /&(?:#(x?)([0-9a-f]+)|(\w+));/gi,
    (whole, hex, code, name) =>
      name !== undefined
        ? entities[name] ?? whole
        : String.fromCodePoint(parseInt(code, hex === "" ? 10 : 16)),
  );
}
