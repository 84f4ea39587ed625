/**
 * What OpenTelemetry's own variables say of spans:
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 *
 * Only what the SDK does not read by itself, and what is refused before anything has been started.
 *
 * @module
 */
import { JSON, URL } from "../../natives.ts";

/** Variables by their names. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** One of the variables cannot be followed. The message is a sentence that names it. */
export class TracingError extends Error {
  override name = "TracingError";
}

/** Which requests have spans that are sent. */
export interface Sampling {
  /** Does a caller's decision, in its `traceparent`, count first? */
  parentBased: boolean;
  /** What is decided where it does not: for all, for none, or for this share of the traces. */
  root: "always_on" | "always_off" | "traceidratio";
  ratio: number;
}

/** How traces go on from one service to the next. */
export type Propagator = "tracecontext" | "baggage";

/** What is followed. */
export interface TracingEnvironment {
  sampling: Sampling;
  propagators: readonly Propagator[];
  /** Is anything sent? Not with `OTEL_TRACES_EXPORTER=none`. */
  exported: boolean;
}

/**
 * Reads them.
 *
 * @throws {TracingError} The first one that cannot be followed.
 */
export function tracingEnvironment(variables: Variables): TracingEnvironment {
  const exported = oneOf(variables, "OTEL_TRACES_EXPORTER", ["otlp", "none"]) === "otlp";
  if (exported) requireEndpoint(variables);
  return {
    sampling: samplingOf(variables),
    propagators: propagatorsOf(variables),
    exported,
  };
}

/** Is `--otel` told to do nothing? `OTEL_SDK_DISABLED` is for that. */
export function isDisabled(variables: Variables): boolean {
  return variables["OTEL_SDK_DISABLED"]?.trim().toLowerCase() === "true";
}

/**
 * Where spans go, so that an error of the collector's can name it. A variable for traces alone comes
 * first, and is taken as it is.
 */
export function endpointOf(variables: Variables): { name: string; url: string } | undefined {
  for (const name of ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"]) {
    const url = valueOf(variables, name);
    if (url !== undefined) return { name, url };
  }
  return undefined;
}

/** The standard's default would be http://localhost:4318, where in a pod mostly nobody listens. */
function requireEndpoint(variables: Variables): void {
  const endpoint = endpointOf(variables);
  if (endpoint === undefined) {
    throw new TracingError(
      "--otel has nowhere to send spans to: set OTEL_EXPORTER_OTLP_ENDPOINT to the URL of a collector " +
        "that takes OTLP over HTTP, such as http://localhost:4318",
    );
  }
  const { name, url } = endpoint;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new TracingError(
      `${name}: ${JSON.stringify(url)} is no URL that begins with http:// or https://`,
    );
  }
  for (const name of ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"]) {
    const protocol = valueOf(variables, name);
    if (protocol === undefined || protocol === "http/protobuf") continue;
    throw new TracingError(
      `${name}: ${JSON.stringify(protocol)} is not spoken here; spans are sent as http/protobuf, ` +
        "which collectors take on port 4318",
    );
  }
}

const samplers = [
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
  "always_on",
  "always_off",
  "traceidratio",
] as const;

function samplingOf(variables: Variables): Sampling {
  const sampler = oneOf(variables, "OTEL_TRACES_SAMPLER", samplers);
  const root = sampler.replace("parentbased_", "") as Sampling["root"];
  const parentBased = sampler.startsWith("parentbased_");
  const given = valueOf(variables, "OTEL_TRACES_SAMPLER_ARG");
  const ratio = given === undefined ? 1 : Number(given);
  if (root === "traceidratio" && !(ratio >= 0 && ratio <= 1)) {
    throw new TracingError(
      `OTEL_TRACES_SAMPLER_ARG: ${
        JSON.stringify(given)
      } is no share of the traces; give a number ` +
        "from 0 to 1",
    );
  }
  return { parentBased, root, ratio };
}

function propagatorsOf(variables: Variables): Propagator[] {
  const known = ["tracecontext", "baggage", "none"];
  const given = valueOf(variables, "OTEL_PROPAGATORS") ?? "tracecontext,baggage";
  const names = [...new Set(given.split(",").map((name) => name.trim()))];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw notAmong("OTEL_PROPAGATORS", unknown, known);
  return names.includes("none") ? [] : names as Propagator[];
}

/** What a variable says; the first of `allowed` where it says nothing. */
function oneOf<const Allowed extends readonly string[]>(
  variables: Variables,
  name: string,
  allowed: Allowed,
): Allowed[number] {
  const value = valueOf(variables, name) ?? allowed[0];
  if (value === undefined || !allowed.includes(value)) throw notAmong(name, value, allowed);
  return value;
}

function notAmong(name: string, value: unknown, allowed: readonly string[]): TracingError {
  return new TracingError(`${name}: ${JSON.stringify(value)} is none of ${allowed.join(", ")}`);
}

/** An empty variable is as good as none, says the standard. */
function valueOf(variables: Variables, name: string): string | undefined {
  const value = variables[name]?.trim();
  return value === "" ? undefined : value;
}
