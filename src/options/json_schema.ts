/**
 * The JSON Schema of a file of options, for editors.
 *
 * @module
 */
import type { Shape } from "./kind.ts";
import { wordsOf } from "./option.ts";
import { serveTable } from "./serve_table.ts";
import type { Declaration } from "./table.ts";

/** A JSON Schema, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What `--config` takes. It is not as strict as Hurricane: what a URL or a path must be is not in it. */
export function configSchema(): JsonSchema {
  const properties = Object.entries<Declaration>(serveTable)
    .map(([key, declaration]) => [wordsOf(key), propertyFor(declaration)] as const);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Options of hurricane serve, in the file of --config",
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(properties),
  };
}

function propertyFor({ kind, initial, help, default: shown }: Declaration): JsonSchema {
  return {
    description: shown === undefined ? help : `${help} (default: ${shown})`,
    ...schemaOf(kind.shape),
    ...initial === undefined ? {} : { default: written(initial, kind.shape) },
  };
}

/** A default as it stands in such a file. */
function written(initial: unknown, { integers }: Shape): unknown {
  const isCount = integers !== undefined && typeof initial === "string" && /^\d+$/.test(initial);
  return isCount ? Number(initial) : initial;
}

function schemaOf(shape: Shape): JsonSchema {
  const { toggle, words, integers, pattern, items, orNone } = shape;
  if (toggle) return { type: "boolean" };
  if (items !== undefined) {
    const item = schemaOf(items);
    return { anyOf: [item, { type: "array", items: item }] };
  }
  const ways: JsonSchema[] = [];
  if (orNone) ways.push({ const: false });
  if (words !== undefined) ways.push({ enum: words });
  if (integers !== undefined) {
    ways.push({ type: "integer", minimum: integers[0], maximum: integers[1] });
  }
  if (pattern !== undefined) ways.push({ type: "string", pattern: pattern.source });
  if (words === undefined && integers === undefined && pattern === undefined) {
    ways.push({ type: "string" });
  }
  const [only, ...others] = ways;
  return only !== undefined && others.length === 0 ? only : { anyOf: ways };
}
