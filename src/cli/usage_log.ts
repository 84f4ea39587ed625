/**
 * That Hurricane was used wrongly, where the log of the service would have been.
 *
 * @module
 */
import type { BuiltinHandler } from "../app/handler.ts";
import type { LogFormat } from "../log.ts";
import { isPretty, jsonLine } from "../log/line.ts";
import { writeLines } from "../log/write.ts";
import type { Environment } from "../options/option.ts";
import type { UsageError } from "../options/usage_error.ts";
import { visible } from "../plain_text.ts";

/** Writes one line on standard error: for a person, or in the form of the log. */
export function tellUsageError({ message }: UsageError, format: LogFormat): void {
  writeLines(
    isPretty(format)
      ? `hurricane: ${visible(message)}\n`
      : jsonLine({ time: new Date(), level: "error", part: "cli", message, properties: {} }),
  );
}

/**
 * The form that the log would have, as far as that can be told of options that are wrong: what is no form
 * is passed over.
 */
export function logFormatOf(
  argv: readonly string[],
  environment: Environment,
  builtin?: Pick<BuiltinHandler, "defaults">,
): LogFormat {
  const given = [
    flagOf(argv),
    environment["HURRICANE_LOG_FORMAT"],
    flagOf(builtin?.defaults ?? []),
  ];
  return given.map((value) => value?.toLowerCase()).find(isFormat) ?? "auto";
}

function flagOf(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => /^--log-format(=|$)/.test(word));
  return at < 0 ? undefined : words[at]?.split("=")[1] ?? words[at + 1];
}

function isFormat(value: string | undefined): value is LogFormat {
  return value === "auto" || value === "pretty" || value === "json";
}
