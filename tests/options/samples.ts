/**
 * A value of each kind of option, by the placeholder that the help shows for it. An option with a
 * new placeholder needs a line here, or its tests fail.
 */
import { fail } from "@std/assert";
import type { Option } from "../../src/options/option.ts";
import type { ServeInput } from "../../src/options/serve_input.ts";

/** How a value is written and what becomes of it; another value; and what is refused. */
export interface Sample {
  text: string;
  value: unknown;
  otherText: string;
  otherValue: unknown;
  wrong: string;
}

export const validSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const otherSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

const samples: Record<string, [string, unknown, string, unknown, string]> = {
  PORT: ["4321", 4321, "0", 0, "65536"],
  HOST: ["1e3", "1e3", "[::1]", "::1", "http://localhost"],
  PATH: ["x1/y/", "/x1/y", "/", "/", "/a?b"],
  DURATION: ["7s", 7000, "2m", 120_000, "7"],
  REQUESTS: ["7", 7, "1", 1, "0"],
  NUMBER: ["7", 7, "0", 0, "-1"],
  SIZE: ["3kb", 3072, "4096", 4096, "3kib"],
  "SIZE|auto|none": ["3gb", 3 * 2 ** 30, "none", "none", "12kb"],
  "FIELD,…": ["path", "path", "status, bytes", "status, bytes", "paths"],
  ADDRESS: ["192.0.2.0/24", ["192.0.2.0/24"], "::1", ["::1"], "192.0.2.0/33"],
  VERSION: ["1.4.2", "1.4.2", "v1-rc+build", "v1-rc+build", "one two"],
  COMMAND: ["5", ["5"], "-x 'y z'", ["-x 'y z'"], "a 'b"],
  URL: ["http://a/b", ["http://a/b"], "https://c", ["https://c"], "ftp://a"],
  "AMQP-URL": ["amqp://a:b@c/d", "amqp://a:b@c/d", "amqps://e", "amqps://e", "http://a"],
  "NAME[=/PATH]": ["jobs", ["jobs"], "a.b=/c", ["a.b=/c"], "a=/b?c"],
  MESSAGES: ["7", 7, "65535", 65535, "65536"],
  SECRET: [validSecret, validSecret, otherSecret, otherSecret, "0123"],
  LEVEL: ["warn", "warn", "debug", "debug", "INFORM"],
  "NUMBER|auto": ["3", 3, "256", 256, "257"],
  FILE: ["/a/b", "/a/b", "./c", "./c", "http://a"],
  "FILE|DIR": ["a/b", ["a/b"], "./c", ["./c"], "http://a"],
  // These must be there.
  "[/PREFIX/=]DIR": ["/tmp", ["/tmp"], "/p/=/", ["/p/=/"], "http://a"],
  FORMAT: ["json", "json", "pretty", "pretty", "xml"],
};

/** What has to be given beside an option, by its key: of a pair, the other one. */
const companions: Record<string, ServeInput> = {
  amqpUrl: { amqpQueue: "others" },
  amqpQueue: { amqpUrl: "amqp://broker" },
  tlsCert: { tlsKey: "/a/key" },
  tlsKey: { tlsCert: "/a/cert" },
  tlsClientCa: { tlsCert: "/a/cert", tlsKey: "/a/key" },
};

/** What has to be given beside an option, as a program gives it. */
export function companionsOf({ key }: Option): ServeInput {
  return companions[key] ?? {};
}

/** What has to be given beside an option, as flags. */
export function companionFlags(option: Option): string[] {
  return Object.entries(companionsOf(option)).map(([key, value]) => {
    const name = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return `--${name}=${value}`;
  });
}

export function sampleOf(option: Option): Sample {
  const kind = option.value === undefined
    ? ["true", true, "no", false, "on"] as const
    : samples[option.value];
  if (kind === undefined) fail(`there is no sample of ${option.value}, the value of ${option.key}`);
  const [text, value, otherText, otherValue, wrong] = kind;
  return { text, value, otherText, otherValue, wrong };
}
