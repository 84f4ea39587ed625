/**
 * What `values.schema.json` says of the values: Helm refuses what it does not allow.
 *
 * @module
 */
import { accessLogFields } from "../../src/app/access_fields.ts";
import * as manifest from "../../src/cli/commands/manifest_values.ts";
import { labelPattern } from "../../src/manifest/label.ts";
import type { Kind } from "../../src/options/kind.ts";
import * as serve from "../../src/options/values.ts";
import { chartValues } from "./chart_values.ts";

/** As much of JSON Schema as it takes. */
export interface Schema {
  type?: string | string[];
  description?: string;
  const?: unknown;
  enum?: unknown[];
  pattern?: string;
  not?: Schema;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  items?: Schema;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  patternProperties?: Record<string, Schema>;
  additionalProperties?: Schema | false;
  required?: string[];
  $schema?: string;
  title?: string;
}

const text = (pattern: string, more: Schema = {}): Schema => ({ type: "string", pattern, ...more });
const whole = (minimum: number, maximum?: number): Schema => ({
  type: "integer",
  minimum,
  maximum,
});
const either = (...anyOf: Schema[]): Schema => ({ anyOf });

const label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
const name = text("^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$");
const aboveZero = String.raw`(\d*[1-9]\d*(\.\d+)?|\d+\.\d*[1-9]\d*)`;
const fileOrDirectory: Schema = { type: "string", minLength: 1, not: { pattern: "^[A-Za-z]+://" } };
const plainPath = text(String.raw`^[^\s?#%]+$`);
const fields = accessLogFields.join("|");
const sizeText = text(`^(${aboveZero}[kKmMgG][bB]|0*[1-9][0-9]*)$`);
const memory = text(`^${aboveZero}([KMGT]i|[kMGT])$`);
const host = text(String.raw`^(\*\.)?${label}(\.${label})*$`, {
  maxLength: 255,
  not: { pattern: String.raw`^[\d.]+$` },
});
const v4 = String.raw`\d{1,3}(\.\d{1,3}){3}(/([0-9]|[12][0-9]|3[0-2]))?`;
const v6 = String.raw`[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(/(\d{1,2}|1[01]\d|12[0-8]))?`;

/** The schema of each kind of value. A pattern may allow a little more than Hurricane does. */
const schemas = new Map<Kind<unknown, never>, Schema>([
  [serve.port, whole(0, 65535)],
  [serve.host, text(String.raw`^\[?[\w.:-]+\]?$`, { not: { pattern: "^[a-z]+:/" } })],
  [serve.size, either(whole(1), sizeText)],
  [serve.headSize, either(whole(1024, 1024 ** 2), sizeText)],
  [serve.duration, text(String.raw`^\d+(\.\d+)?(ms|s|m|h)$`)],
  [serve.timeLimit, text(`^${aboveZero}(ms|s|m|h)$`)],
  [serve.idleLimit, text(`^${aboveZero}(ms|s|m)$`)],
  [serve.memoryLimit, either({ enum: ["auto", "none"] }, whole(32 * 1024 ** 2), sizeText)],
  [serve.count, whole(0)],
  [serve.countAboveZero, whole(1)],
  [serve.workerCount, either({ const: "auto" }, whole(1, 256))],
  [serve.file, fileOrDirectory],
  [serve.path, plainPath],
  [serve.pathOrNone, either({ const: false }, plainPath)],
  [serve.toggle, { type: "boolean" }],
  [serve.version, text(String.raw`^[\w.+:/@-]{1,128}$`)],
  [serve.httpUrl, text(String.raw`^https?://[^\s/]`)],
  [serve.brokerUrl, text(String.raw`^amqps?://[^\s/]`)],
  [serve.subscription, { type: "string", minLength: 1, not: { pattern: String.raw`=/.*[\s?#]` } }],
  [serve.prefetch, whole(1, 65535)],
  [serve.commandLine, text(String.raw`\S`)],
  [serve.staticSite, fileOrDirectory],
  [serve.fieldList, text(String.raw`^\s*(${fields})(\s*,\s*(${fields}))*\s*$`)],
  [serve.network, text(`^(${v4}|${v6})$`)],
  [manifest.image, text(String.raw`^[a-z0-9\[][^\s]*$`, { maxLength: 512 })],
  [manifest.resourceName, name],
  [manifest.hostName, host],
  [manifest.gatewayReference, text(String.raw`^(${label}/)?${label}(\.${label})*$`)],
  [manifest.cpuQuantity, either({ type: "number" }, text(String.raw`^\d{1,6}(\.\d{1,3}|m)?$`))],
  [manifest.memoryQuantity, memory],
  [manifest.podCount, whole(0, 2 ** 31 - 1)],
  [manifest.podRange, text(String.raw`^[1-9]\d*\.\.[1-9]\d*$`)],
  [manifest.namespaceName, text(`^${label}$`)],
  [manifest.label, text(labelPattern)],
  [manifest.prometheusUrl, text(String.raw`^https?://[^\s/@]+(/[^@]*)?$`)],
]);

/** The values of objects whose keys are variables. */
const ofVariables: Readonly<Record<string, Schema>> = {
  env: { type: ["string", "number", "boolean"] },
  secretEnv: text(String.raw`^${label}(\.${label})*/[A-Za-z0-9._-]+$`),
};

/** What `values.schema.json` says. */
export function schema(): Schema {
  const properties: Record<string, Schema> = {
    // Helm puts it into the values of what is part of another chart.
    global: { type: "object" },
  };
  for (const value of chartValues) {
    properties[value.key] = { description: value.help, ...schemaOfValue(value) };
  }
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Values of the chart hurricane; made by scripts/chart",
    type: "object",
    properties,
    additionalProperties: false,
    required: ["image"],
  };
}

/** `null` is what is not given. */
function schemaOfValue(value: typeof chartValues[number]): Schema {
  if (!("kind" in value)) return { type: ["string", "null"] };
  if (value.variables) {
    return {
      type: ["object", "null"],
      patternProperties: {
        "^[A-Za-z_][A-Za-z0-9_]*$": either({ type: "null" }, ofVariables[value.key]!),
      },
      additionalProperties: false,
    };
  }
  // It is empty until it is set, and the chart then says so in words of its own.
  if (value.key === "image") return either({ const: "" }, schemaOf(value.kind));
  return either({ type: "null" }, schemaOf(value.kind));
}

/** @throws {Error} A kind that nobody has described here. */
function schemaOf(kind: Kind<unknown, never>): Schema {
  if (kind.item !== undefined) return { type: "array", items: schemaOf(kind.item) };
  const known = schemas.get(kind);
  if (known !== undefined) return known;
  const { words } = kind.shape;
  if (words === undefined) throw new Error(`scripts/helm/schema.ts lacks: ${kind.allowed}`);
  return { enum: [...words] };
}
