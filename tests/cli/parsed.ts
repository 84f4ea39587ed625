/**
 * The commands' readers of command lines, for tests that begin with the words that a user types.
 *
 * @module
 */
import { manifestFlags } from "../../src/cli/commands/manifest_table.ts";
import { parseManifest as parseManifestLine } from "../../src/cli/commands/manifest_parse.ts";
import {
  parseServe as parseServeLine,
  type ServeInvocation,
} from "../../src/cli/commands/serve_parse.ts";
import { tokenize } from "../../src/options/arguments.ts";
import type { Environment } from "../../src/options/option.ts";
import { serveFlags } from "../../src/options/serve_table.ts";

/** A handler that is part of the program. */
export interface Builtin {
  name: string;
  defaults?: readonly string[];
}

/** What follows `hurricane serve`, read. */
export function parseServe(
  argv: string[],
  environment: Environment,
  builtin?: Builtin,
): ServeInvocation {
  return parseServeLine(tokenize(argv, serveFlags), environment, builtin);
}

/** What follows `hurricane manifest`, read. */
export function parseManifest(
  argv: string[],
  builtin?: Builtin,
): ReturnType<typeof parseManifestLine> {
  return parseManifestLine(tokenize(argv, [...manifestFlags, ...serveFlags]), builtin);
}
