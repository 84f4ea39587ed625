import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import own from "../../deno.json" with { type: "json" };
import { messageOf } from "../errors.ts";
import { JSON, URL } from "../natives.ts";
import { isThere, readText } from "./first_files.ts";

/** What Hurricane imports of packages besides their main modules. */
const subpaths = [
  "@opentelemetry/otlp-exporter-base/node-http",
  "hono/accepts",
  "hono/serve-static",
  "hono/utils/accept",
  "hono/utils/mime",
  "zod/mini",
];

/** What Hurricane imports. */
const packages = [
  ...Object.entries(own.imports)
    .filter(([name, target]) => target.startsWith("npm:") && !name.startsWith("@types/"))
    .map(([name]) => name),
  ...subpaths,
];

/**
 * What of that the handler's process imports (`app/static`, `app/otel`). To find a package takes Deno 0.2 ms,
 * for which that process would start later.
 */
export const handlerPackages = packages.filter((name) => /^(@opentelemetry|hono)\b/.test(name));

/**
 * What packages of Hurricane's call `#platform` among themselves (`imports` of their `package.json`), beside
 * their main modules: Deno does not read that of a package that is not the project's.
 */
const platforms = {
  "@opentelemetry/core": "./platform/node/index.mjs",
  "@opentelemetry/exporter-trace-otlp-proto": "./platform/node/index.mjs",
  "@opentelemetry/otlp-transformer": "./platform/node/index.mjs",
  "@opentelemetry/resources": "./detectors/platform/node/index.mjs",
  "@opentelemetry/sdk-trace": "./platform/node/index.mjs",
};

/**
 * Takes `--config` and `--no-config` from Deno's flags, which allows them once, for {@linkcode projectFlags}
 * gives them anew.
 *
 * @returns the file that was given, if one was, and the other flags
 */
export function takeConfig(flags: readonly string[]): { given?: string; rest: string[] } {
  const rest: string[] = [];
  let given: string | undefined;
  for (let at = 0; at < flags.length; at++) {
    const flag = flags[at]!;
    const [, name, value] = /^(--config|-c)(?:=(.*))?$/.exec(flag) ?? [];
    if (name !== undefined) given = resolve(value ?? flags[++at] ?? "");
    else if (flag !== "--no-config") rest.push(flag);
  }
  return given === undefined ? { rest } : { given, rest };
}

/**
 * The flags that make the handler's project count instead of Hurricane's.
 *
 * Deno reads one configuration, by default the one beside the main module, which is Hurricane's. The
 * handler's own is named instead, if it has one, and the packages that Hurricane's modules import are
 * mapped for those modules alone (`scopes` of the import map). A handler that is part of Hurricane's
 * tree needs nothing.
 *
 * @param given the configuration that Deno was started with: it counts as the handler's, if it is not
 * Hurricane's
 * @param mainModule Hurricane's own, by its URL
 * @param imported the packages that are mapped
 */
export function projectFlags(
  handler: string | undefined,
  given?: string,
  mainModule: string = Deno.mainModule,
  imported: readonly string[] = packages,
): string[] {
  const main = mainModule.startsWith("file:")
    ? nearest(dirname(fileURLToPath(mainModule)), "deno.json", "deno.jsonc")
    : undefined;
  const asGiven = given === undefined ? [] : ["--config", given];
  if (handler === undefined) return asGiven;
  const folder = dirname(handler);
  const config = given === undefined || given === main
    ? nearest(folder, "deno.json", "deno.jsonc")
    : given;
  if (main === undefined) return config === undefined ? [] : ["--config", config];
  if (main === config) return asGiven;
  const map = {
    imports: config === undefined ? {} : absoluteImports(config),
    scopes: {
      [new URL("./", pathToFileURL(main)).href]: Object.fromEntries(
        imported.map((name) => [name, import.meta.resolve(name)]),
      ),
      ...platformScopes(),
    },
  };
  const url = `data:application/json,${encodeURIComponent(JSON.stringify(map))}`;
  return [
    ...(config === undefined ? nodeProject(folder) : ["--config", config]),
    // Whether a file is CommonJS, Deno asks of its package.json only where it is the main module.
    "--unstable-detect-cjs",
    "--import-map",
    url,
  ];
}

function platformScopes(): Record<string, Record<string, string>> {
  return Object.fromEntries(
    Object.entries(platforms).map(([name, path]) => {
      const main = import.meta.resolve(name);
      return [new URL("./", main).href, { "#platform": new URL(path, main).href }];
    }),
  );
}

/**
 * A project without a `deno.json`: bare imports come from `node_modules`, as in Node and Bun, and
 * JSX is as `tsconfig.json` says, which Deno takes for a configuration.
 */
function nodeProject(folder: string): string[] {
  const manual = nearest(folder, "package.json", "node_modules") !== undefined;
  const tsconfig = nearest(folder, "tsconfig.json");
  return [
    ...(tsconfig === undefined ? ["--no-config"] : ["--config", tsconfig]),
    ...(manual ? ["--node-modules-dir=manual"] : []),
  ];
}

/** The file or folder of one of these names that lies in a folder, or in the nearest one above it. */
export function nearest(folder: string, ...names: string[]): string | undefined {
  const found = names.map((name) => join(folder, name)).find(isThere);
  const parent = dirname(folder);
  return found ?? (parent === folder ? undefined : nearest(parent, ...names));
}

/** The `imports` of a `deno.json` as they mean the same in an import map that lies elsewhere. */
function absoluteImports(config: string): Record<string, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(withoutComments(readText(config)));
  } catch (error) {
    throw new Error(`${config} cannot be read: ${messageOf(error)}`);
  }
  const imports = (parsed as { imports?: Record<string, string> }).imports ?? {};
  const absolute: Record<string, string> = {};
  for (const [name, target] of Object.entries(imports)) {
    absolute[name] = /^\.{0,2}\//.test(target)
      ? new URL(target, pathToFileURL(config)).href
      : target;
    const [, registry, package_] = /^(npm|jsr):\/?(.*[^/])$/.exec(target) ?? [];
    // In a deno.json "hono": "npm:hono" stands for "hono/jsx" as well; in an import map it does not.
    if (package_ !== undefined) absolute[`${name}/`] ??= `${registry}:/${package_}/`;
  }
  return absolute;
}

/** JSONC's comments and trailing commas; what stands inside a string is kept. */
function withoutComments(text: string): string {
  return text
    .replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_all, string) => string ?? "")
    .replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_all, string) => string ?? "");
}
