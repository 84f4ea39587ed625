/**
 * Where a webhook goes, and how much of that may be told.
 *
 * @module
 */

/** A webhook URL, taken apart. */
export interface WebhookTarget {
  /** The URL to call, without the credentials. */
  href: string;
  /** The same as it may appear in a log, see {@linkcode redactUrl}. */
  shown: string;
  /** The `Authorization` header that stands for the credentials, if the URL had any. */
  authorization?: string;
}

/**
 * Takes a webhook URL apart.
 *
 * Credentials (`https://user:password@host/`) become an `Authorization: Basic` header (RFC 7617),
 * for the fetch standard refuses URLs that contain them.
 *
 * @throws {Error} If it is not an absolute `http:` or `https:` URL. The message shows it redacted.
 */
export function parseWebhookUrl(text: string): WebhookTarget {
  const url = parseHttp(text);
  if (url === undefined) {
    throw new Error(
      `webhook URL ${redactUrl(text)} must be absolute, as in https://example.com/hook`,
    );
  }
  const target: WebhookTarget = { href: "", shown: redactUrl(text) };
  if (url.username !== "" || url.password !== "") {
    const credentials = `${decode(url.username)}:${decode(url.password)}`;
    target.authorization = `Basic ${Buffer.from(credentials).toString("base64")}`;
    url.username = url.password = "";
  }
  target.href = url.href;
  return target;
}

/**
 * A URL as it may appear in a log. `***` takes the place of
 *
 * - user and password,
 * - the values of the query, and parameters without a value,
 * - path segments of twenty characters and more, since the address of a chat room's webhook
 *   (`hooks.slack.com/services/T…/B…/…`) is all that it takes to write there.
 *
 * The fragment is left out. Never throws: what is no `http:` or `https:` URL is shown from the
 * last `@` to the first `?` or `#`.
 *
 * @example
 * ```ts
 * import { redactUrl } from "./url.ts";
 *
 * redactUrl("https://ops:secret@example.com/hook?token=abc"); // https://***@example.com/hook?token=***
 * ```
 */
export function redactUrl(text: string): string {
  const url = parseHttp(text);
  if (url === undefined) return redactText(text);
  const user = url.username !== "" || url.password !== "" ? "***@" : "";
  const path = url.pathname.split("/").map((part) => isToken(part) ? "***" : part).join("/");
  const query = url.search.slice(1).split("&").map((parameter) => {
    const [name, value] = parameter.split("=", 2);
    return value === undefined ? "***" : `${name}=***`;
  });
  const search = url.search === "" ? "" : `?${query.join("&")}`;
  return `${url.protocol}//${user}${url.host}${path}${search}`;
}

/** A text that came from elsewhere, such as an error message, with every URL in it redacted. */
export function redactUrls(text: string, target: WebhookTarget): string {
  const around = text.split(target.href);
  return around.map((part) => part.replace(/\bhttps?:\/\/\S+/gi, (url) => redactUrl(url)))
    .join(target.shown);
}

function parseHttp(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === "http:" || url?.protocol === "https:" ? url : undefined;
}

/**
 * A forgotten `http://` is the likeliest reason to be here: the first segment may be a host, whose
 * name has dots. With an `@` behind the `?` there is no telling which of the two the text means.
 */
function redactText(text: string): string {
  const [head = "", ...rest] = text.split(/[?#]/);
  if (rest.some((part) => part.includes("@"))) return "***";
  const start = head.lastIndexOf("@");
  const shown = start < 0 ? head : `***${head.slice(start)}`;
  const path = shown.split("/").map((part) => isToken(part) && !part.includes(".") ? "***" : part);
  return path.join("/") + (rest.length > 0 ? "?***" : "");
}

function isToken(segment: string): boolean {
  return segment.length >= 20;
}

/** Percent-decodes; a stray `%`, which the URL standard allows here, stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
