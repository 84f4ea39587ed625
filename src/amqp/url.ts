/**
 * Where the broker is, and how much of that may be told.
 *
 * @module
 */

/** How often the broker is shown a sign of life where the URL does not say, in seconds. */
const heartbeat = 10;

/** Is this the URL of a broker (https://www.rabbitmq.com/docs/uri-spec)? */
export function isBrokerUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (url?.protocol === "amqp:" || url?.protocol === "amqps:") && url.hostname !== "";
}

/** The URL to connect with. */
export function connectUrl(text: string): string {
  const url = new URL(text);
  if (!url.searchParams.has("heartbeat")) url.searchParams.set("heartbeat", String(heartbeat));
  // The root of a URL is the virtual host "/", not the one without a name.
  if (url.pathname === "/") url.pathname = "";
  return url.href;
}

/** A broker's URL as it may appear in a log: without user, password and parameters. */
export function redactBroker(text: string): string {
  if (!isBrokerUrl(text)) {
    const end = text.lastIndexOf("@");
    return end < 0 ? text : `***${text.slice(end)}`;
  }
  const { protocol, username, password, host, pathname } = new URL(text);
  const user = username !== "" || password !== "" ? "***@" : "";
  return `${protocol}//${user}${host}${pathname}`;
}
