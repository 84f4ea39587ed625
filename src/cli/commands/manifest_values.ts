/**
 * The kinds of values that only the options of `hurricane manifest` have. The others are in
 * `options/values.ts`.
 *
 * @module
 */
import * as z from "zod/mini";
import { isImage } from "../../manifest/image.ts";
import { parseLabel } from "../../manifest/label.ts";
import { bytes, milliCpus } from "../../manifest/quantity.ts";
import { parseSecretVariable, parseVariable } from "../../manifest/variables.ts";
import { Kind, parsed, refusedIf, value } from "../../options/kind.ts";
import { between, httpUrl, wholeNumber } from "../../options/values.ts";

/** Kubernetes keeps counts in 32 bits with a sign. */
const mostPods = 2 ** 31 - 1;

/** A reference to a container image. */
export const image = value(
  "an image such as registry.example/web:1.2, in lower case",
  z.string,
  (given) => isImage(given) ? given : undefined,
);

/** A name that a Service may have: a label of RFC 1035. Other resources allow more. */
export const resourceName = value(
  "at most 63 lower-case letters, digits and dashes, the first a letter and the last no dash",
  z.string,
  (given) => /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(given) ? given : undefined,
);

/** A name that a namespace may have: a label of RFC 1123. */
export const namespaceName = value(
  "at most 63 lower-case letters, digits and dashes, the first and the last no dash",
  z.string,
  (given) => isLabel(given) ? given : undefined,
);

/** A name of DNS, below which a star takes all: https://gateway-api.sigs.k8s.io/reference/spec/#hostname */
export const hostName = value(
  "a host name such as shop.example.com or *.example.com, in lower case, and no address",
  z.string,
  (given) => {
    const name = given.startsWith("*.") ? given.slice(2) : given;
    const isName = given.length <= 253 && name.split(".").every(isLabel);
    return isName && !/^[\d.]+$/.test(name) ? given : undefined;
  },
);

/** A Gateway, of the same namespace or of another. */
export const gatewayReference = value(
  "the name of a Gateway, or its namespace and its name, such as infra/public",
  z.string,
  (given): { name: string; namespace?: string } | undefined => {
    const [name = "", namespace, ...more] = given.split("/").reverse();
    if (more.length > 0 || !name.split(".").every(isLabel)) return undefined;
    if (namespace === undefined) return { name };
    return isLabel(namespace) ? { name, namespace } : undefined;
  },
);

/** A variable and its value, see {@linkcode parseVariable}. */
export const variable = parsed("a variable and its value, NAME=VALUE", parseVariable);

/** A variable and where its value is, see {@linkcode parseSecretVariable}. */
export const secretVariable = parsed(
  "a variable and where its value is, NAME=SECRET/KEY",
  parseSecretVariable,
);

/** A label, see {@linkcode parseLabel}. */
export const label = parsed(
  "a label, KEY=VALUE, such as release=kube-prometheus-stack",
  parseLabel,
);

/** An amount of CPU, as Kubernetes writes it. */
export const cpuQuantity = value(
  "CPUs above 0 as Kubernetes writes them, such as 250m, 0.5 or 2",
  z.string,
  (given) => milliCpus(given) === undefined ? undefined : given,
);

/** An amount of memory, as Kubernetes writes it. */
export const memoryQuantity = value(
  "a size above 0 as Kubernetes writes it, with its unit, such as 512Mi or 1.5Gi",
  z.string,
  (given) => bytes(given) === undefined ? undefined : given,
);

/** A number of pods. */
export const podCount = value(
  "a whole number from 0 to 2147483647",
  z.string,
  (given) => between(0, wholeNumber(given), mostPods),
);

/** `min..max`, from 1: a service without a pod has no queue that could grow. */
export const podRange: Kind<PodRange, string> = new Kind(
  "a least and a most number of pods, such as 2..10",
  () =>
    z.pipe(
      z.string(),
      z.transform((given: string, { issues }) => {
        const range = readRange(given);
        const reason = whyNoRange(range);
        if (reason === undefined) return range;
        const params = reason === "" ? undefined : { reason };
        issues.push({ code: "custom", input: given, params });
        return z.NEVER;
      }),
    ),
  readRange,
);

/** Is it a label of RFC 1123? */
function isLabel(given: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(given);
}

interface PodRange {
  min: number;
  max: number;
}

function readRange(given: string): PodRange {
  const [, min, max] = /^(\d+)\.\.(\d+)$/.exec(given) ?? [];
  return { min: Number(min), max: Number(max) };
}

/** Empty where it is no range at all. */
function whyNoRange({ min, max }: PodRange): string | undefined {
  if (Number.isNaN(min)) return "";
  if (min > max) return `the least number of pods, ${min}, is above the most, ${max}`;
  if (min < 1) return "at least one pod must stay, for without one there is no queue to look at";
  return max > mostPods ? `Kubernetes counts to ${mostPods}` : undefined;
}

/** The address of a Prometheus. */
export const prometheusUrl: Kind<string, string> = new Kind(
  httpUrl.allowed,
  () =>
    httpUrl.schema.check(refusedIf((given) => {
      const { username, password } = new URL(given);
      return username === "" && password === ""
        ? undefined
        : "credentials must not be in a manifest; KEDA takes them from a TriggerAuthentication";
    })),
  httpUrl.preset,
);
