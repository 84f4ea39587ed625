/**
 * The command line of `scripts/test`.
 *
 * @module
 */

/** What there is to run. */
export const kinds = ["static", "unit", "e2e", "apps"] as const;

/** The name of a kind. */
export type Kind = typeof kinds[number];

/** What end-to-end tests and apps are run against; unit tests run under the first two. */
export const forms = ["bun", "deno", "executable"] as const;

/** The name of a form. */
export type Form = typeof forms[number];

/** What was asked for. An empty list, or no filter: it was not narrowed down in this way. */
export interface Words {
  kinds: readonly Kind[];
  forms: readonly Form[];
  /** Files and folders, as they were given. */
  paths: readonly string[];
  /** A part of the full name of each test that is wanted. */
  filter?: string;
}

/** What was asked for makes no sense; the message says what, and what may be given. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** What may be given. */
export const allowed =
  `give ${[...kinds, ...forms].join(", ")}, --filter TEXT, or where tests are: ` +
  "tests/**/*_test.ts, sources with examples in their docstrings, folders of them; behind apps, names of apps";

/** Reads the arguments. Throws a {@linkcode UsageError}. */
export function parseWords(args: readonly string[]): Words {
  const named: { kinds: Kind[]; forms: Form[]; paths: string[] } = {
    kinds: [],
    forms: [],
    paths: [],
  };
  let filter: string | undefined;
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (isOneOf(kinds, arg)) named.kinds.push(arg);
    else if (isOneOf(forms, arg)) named.forms.push(arg);
    else if (arg === "--filter") filter = filterText(args[++index]);
    else if (arg.startsWith("--filter=")) filter = filterText(arg.slice("--filter=".length));
    else if (arg === "" || arg.startsWith("-")) throw new UsageError(`"${arg}": ${allowed}`);
    else named.paths.push(arg);
  }
  if (named.kinds.includes("static") && (named.paths.length > 0 || filter !== undefined)) {
    throw new UsageError("static looks at everything: give it neither files nor --filter");
  }
  return { ...named, ...(filter === undefined ? {} : { filter }) };
}

function isOneOf<T extends string>(words: readonly T[], word: string): word is T {
  return (words as readonly string[]).includes(word);
}

function filterText(text: string | undefined): string {
  if (text === undefined || text === "") {
    throw new UsageError("--filter: give a part of a test's name");
  }
  return text;
}
