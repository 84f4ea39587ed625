/**
 * The kinds of values that options have.
 *
 * Each has a zod schema that reads what stands on a command line or in a variable, always a string,
 * and what a program passes.
 *
 * @module
 */
import process from "node:process";
import * as z from "zod/mini";
import { parseSubscription } from "../amqp/subscription.ts";
import { isBrokerUrl } from "../amqp/url.ts";
import { parseAccessLogFields } from "../app/access_fields.ts";
import { parseNetwork } from "../app/trusted_proxies.ts";
import { parseStaticSite } from "../app/static/site.ts";
import { availableCpus } from "../runtime/cpus.ts";
import { commandWords } from "../commands/words.ts";
import { parseWebhookSecret } from "../webhooks/sign.ts";
import { Kind, parsed, value } from "./kind.ts";

/** Milliseconds in each unit of a duration. */
const durationUnits: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Bytes in each unit of a size. */
const sizeUnits: Record<string, number> = { kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

const sizePattern = /^(\d+(?:\.\d+)?)([kKmMgG][bB])$/;

/** A timer that is set to more than this fires at once (`setTimeout` keeps 32 bits with a sign). */
const longestDuration = 2 ** 31 - 1;

/** More than this is a slip of the finger. */
const mostWorkers = 256;

const numberOrString = (): z.ZodMiniType<number | string> => z.union([z.number(), z.string()]);

/** The number, or `undefined` where it is out of range. */
export function between(least: number, number: number, most: number): number | undefined {
  return number >= least && number <= most ? number : undefined;
}

/** What digits stand for, or `NaN`. */
export function wholeNumber(given: number | string): number {
  if (typeof given === "number") return Number.isInteger(given) ? given : NaN;
  return /^\d+$/.test(given) ? Number(given) : NaN;
}

function milliseconds(given: number | string): number {
  if (typeof given === "number") return Math.round(given);
  const [, number, unit] = durationPattern.exec(given) ?? [];
  return Math.round(Number(number) * (durationUnits[unit ?? ""] ?? NaN));
}

function bytes(given: number | string): number {
  const whole = wholeNumber(given);
  if (typeof given === "number" || !Number.isNaN(whole)) return whole;
  const [, number, unit] = sizePattern.exec(given) ?? [];
  return Math.round(Number(number) * (sizeUnits[unit?.toLowerCase() ?? ""] ?? NaN));
}

/** A duration, 0 included, in milliseconds: `500ms`, `1.5s`, `2m`, `1h`, or a number of them. */
export const duration = value(
  "a duration with its unit, such as 500ms, 5s, 2m or 1h, and at most 596h",
  numberOrString,
  (given) => between(0, milliseconds(given), longestDuration),
  { pattern: durationPattern },
);

/** A duration above 0, for time limits: whether 0 means "none" or "at once" is anyone's guess. */
export const timeLimit = value(
  "a duration above 0 with its unit, such as 500ms, 5s, 2m or 1h, and at most 596h",
  numberOrString,
  (given) => between(1, milliseconds(given), longestDuration),
  { pattern: durationPattern },
);

/** A duration that Bun can close idle connections after. */
export const idleLimit = value(
  "a duration from 1s to 4m",
  numberOrString,
  (given) => between(1000, milliseconds(given), 240_000),
  { pattern: durationPattern },
);

/** A size above 0 in bytes: `1048576`, `64kb`, `1.5MB`, `1gb` (of 1024), or a number. */
export const size = value(
  "a size above 0 in bytes, or in kb, mb or gb, such as 100mb",
  numberOrString,
  (given) => between(1, bytes(given), Number.MAX_SAFE_INTEGER),
  { integers: [1, Number.MAX_SAFE_INTEGER], pattern: sizePattern },
);

/** How long the head of a request may be: a plain one has a few hundred bytes, and each connection may hold one. */
export const headSize = value(
  "a size from 1kb to 1mb",
  numberOrString,
  (given) => between(1024, bytes(given), 1024 ** 2),
  { integers: [1024, 1024 ** 2], pattern: sizePattern },
);

/** Less than this no runtime takes, whatever it runs: it would be replaced without an end. */
const leastMemory = 32 * 1024 ** 2;

/** A size in bytes above which memory is too much, or who says that. */
export type MaxMemory = number | "auto" | "none";

/** A {@linkcode size} of the memory that a process takes, or `auto`, or `none`. */
export const memoryLimit: Kind<MaxMemory, number | string> = value(
  "a size of 32mb or more, such as 300mb or 1gb (a runtime alone takes 40mb and more), or auto, or none",
  numberOrString,
  (given) =>
    oneOf<"auto" | "none">(["auto", "none"], given) ??
      between(leastMemory, bytes(given), Number.MAX_SAFE_INTEGER),
  {
    words: ["auto", "none"],
    integers: [leastMemory, Number.MAX_SAFE_INTEGER],
    pattern: sizePattern,
  },
);

/** A whole number, 0 included. */
export const count = value(
  "a whole number, 0 or more",
  numberOrString,
  (given) => between(0, wholeNumber(given), Number.MAX_SAFE_INTEGER),
  { integers: [0, Number.MAX_SAFE_INTEGER] },
);

/** A whole number above 0, for limits: 0 would let nothing through. */
export const countAboveZero = value(
  "a whole number, 1 or more",
  numberOrString,
  (given) => between(1, wholeNumber(given), Number.MAX_SAFE_INTEGER),
  { integers: [1, Number.MAX_SAFE_INTEGER] },
);

/** A number of workers, or `auto`: as many as there are CPUs for them. */
export const workerCount = value(
  `a whole number from 1 to ${mostWorkers}, or auto`,
  numberOrString,
  (given) => oneOf(["auto"], given) ? availableCpus() : between(1, wholeNumber(given), mostWorkers),
  { words: ["auto"], integers: [1, mostWorkers] },
);

/** The path of a file or directory. Whether it is there is seen when it is needed. */
export const file = value(
  "the path of a file or directory, and no URL",
  z.string,
  (given) => given === "" || /^[a-z]+:\/\//i.test(given) ? undefined : given,
  { path: "file" },
);

/** The name of a file that is to be written. */
export const fileName = value(
  "the name of a file",
  z.string,
  (given) => given === "" ? undefined : given,
  { path: "file" },
);

/** Late: `node:net` and the streams that it needs take 5 ms of a start on Bun, and few name an IPv6 address. */
function isIPv6(address: string): boolean {
  return process.getBuiltinModule("node:net").isIPv6(address);
}

/** A TCP port; 0 picks a free one. */
export const port = value(
  "a port from 0 to 65535",
  numberOrString,
  (given) => between(0, wholeNumber(given), 65535),
  { integers: [0, 65535] },
);

const byte = String.raw`(?:25[0-5]|2[0-4]\d|[01]?\d?\d)`;

const ipv4Pattern = new RegExp(String.raw`^${byte}(?:\.${byte}){3}$`);

/** An address or a name to listen on. The brackets that IPv6 has in URLs are dropped. */
export const host = value(
  "an IP address or a host name, without scheme and port",
  z.string,
  (given) => {
    const bare = given.replace(/^\[(.*)\]$/, "$1");
    // Four numbers or more are an address, or a slip of the finger: no name has that form.
    if (/^\d+(\.\d+){3,}$/.test(bare)) return ipv4Pattern.test(bare) ? bare : undefined;
    return /^[\w-]+(\.[\w-]+)*\.?$/.test(bare) || isIPv6(bare) ? bare : undefined;
  },
);

/**
 * The path of a URL, as it stands in a request: a leading slash is added, trailing ones are
 * removed. What a URL parser would change (`..`, spaces, umlauts) could never be requested, and
 * what is percent-encoded can be written in more than one way.
 */
export const path = value(
  "a plain path such as /ready, without spaces, query and fragment",
  z.string,
  (given) => {
    const found = `/${given.replace(/^\//, "").replace(/\/+$/, "")}`;
    const url = `http://host${found}`;
    if (given === "" || given.includes("%") || !URL.canParse(url)) return undefined;
    return new URL(url).pathname === found ? found : undefined;
  },
);

/** A {@linkcode path}, or `false` for none. */
export const pathOrNone: Kind<string | false, string | false> = new Kind(
  path.allowed,
  () => z.union([z.literal(false), path.schema]),
  (initial) => initial && path.preset(initial),
  { orNone: true },
);

/** On or off. */
export const toggle: Kind<boolean, boolean | string> = new Kind(
  "true, false, 1, 0, yes or no",
  () =>
    z.union([
      z.boolean(),
      z.stringbool({ truthy: ["true", "1", "yes"], falsy: ["false", "0", "no"] }),
    ]),
  (initial) => typeof initial === "boolean" ? initial : toggle.parse(initial),
  { toggle: true },
);

/** One of a few words, in any case: what sets a level for several programs often has it as `INFO`. */
export function choice<Word extends string>(...words: [Word, ...Word[]]): Kind<Word, Word> {
  const allowed = `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
  return value(allowed, z.string, (given) => oneOf(words, given), { words });
}

/** The word that is meant, whatever case it is written in. */
function oneOf<Word extends string>(
  words: readonly Word[],
  given: number | string,
): Word | undefined {
  return words.find((word) => word === String(given).toLowerCase());
}

const versionPattern = /^[\w.+:/@-]{1,128}$/;

/** A version of whatever form: `1.4.2`, a tag, a commit. */
export const version = value(
  "a version such as 1.4.2 or a commit: at most 128 letters, digits and ._+:/@-",
  z.string,
  (given) => versionPattern.test(given) ? given : undefined,
  { pattern: versionPattern },
);

/** An absolute `http:` or `https:` URL. */
export const httpUrl = value(
  "an absolute http or https URL, such as https://example.com/hook",
  z.string,
  (given) => {
    const url = URL.canParse(given) ? new URL(given) : undefined;
    return url?.protocol === "http:" || url?.protocol === "https:" ? given : undefined;
  },
);

/** The absolute URL of a broker that speaks AMQP 0-9-1. */
export const brokerUrl = value(
  "an absolute amqp or amqps URL, such as amqps://user:password@broker/vhost",
  z.string,
  (given) => isBrokerUrl(given) ? given : undefined,
);

/** A queue of that broker, see {@linkcode parseSubscription}. */
export const subscription = parsed("a queue's name, or NAME=/path", parseSubscription);

/** A number of messages, as many as a broker can be asked for. */
export const prefetch = value(
  "a whole number from 1 to 65535",
  numberOrString,
  (given) => between(1, wholeNumber(given), 65535),
  { integers: [1, 65535] },
);

/** A command line, see {@linkcode commandWords}. */
export const commandLine = parsed("a command line", commandWords, { path: "file" });

/** A directory to serve, see {@linkcode parseStaticSite}. Whether it is there is seen when it is needed. */
export const staticSite = parsed("a directory, or /prefix/=directory", parseStaticSite, {
  path: "directory",
});

/** A Standard Webhooks secret, see {@linkcode parseWebhookSecret}. */
export const secret = parsed("a Standard Webhooks secret", parseWebhookSecret);

/** Fields of the access log, see {@linkcode parseAccessLogFields}. */
export const fieldList = parsed(
  "fields of the access log, separated by commas",
  parseAccessLogFields,
);

/** An address or a network, as in `10.0.0.0/8`. */
export const network = value(
  "an IP address or a network, such as 10.0.0.7, 10.0.0.0/8 or fd00::/8",
  z.string,
  (given) => parseNetwork(given) === undefined ? undefined : given,
);

/** None, one or several of a kind. */
export function list(item: Kind<string, string>): Kind<string[], string | string[]> {
  const asList = (given: string | string[]): string[] =>
    typeof given === "string" ? [given] : [...given];
  const make = (): z.ZodMiniType<string[]> =>
    z.pipe(
      z.pipe(z.union([z.string(), z.array(z.string())]), z.transform(asList)),
      z.array(item.schema as z.ZodMiniType<string, string>),
    );
  return new Kind(item.allowed, make, asList, { items: item.shape }, item);
}
