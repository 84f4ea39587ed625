import { basename } from "node:path";

/**
 * A command as it may be shown: in a log, a probe's answer, a metric's label, a webhook.
 *
 * User names and passwords in URLs become `***`; the rest is as it was given.
 *
 * @example
 * ```ts
 * displayCommand("psql postgres://app:secret@db/app"); // "psql postgres://***@db/app"
 * ```
 */
export function displayCommand(text: string): string {
  return text.replace(userInfo, "://***@");
}

/**
 * With a colon, up to the last `@`: a password that somebody forgot to percent-encode may contain
 * every other character. Without one only where the URL standard has a user name.
 */
const userInfo = /:\/\/(?:[^\s/?#'":]*:[^\s'"]*|[^\s/?#'"]*)@/g;

/** What a command's lines are marked with: the name of its program or script, without folders. */
export function commandName(words: readonly string[]): string {
  return basename(words[0] ?? "");
}
