/**
 * What a span says of a request, by OpenTelemetry's conventions for HTTP servers:
 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server-span
 *
 * @module
 */
import type { Attributes } from "@opentelemetry/api";
import { plainly } from "../access_text.ts";
import type { TrustedProxies } from "../trusted_proxies.ts";
import type { RequestHead } from "./traces.ts";

/** Those that a name may consist of: all others are as good as chosen by the client. */
const methods = new Set([
  "CONNECT",
  "DELETE",
  "GET",
  "HEAD",
  "OPTIONS",
  "PATCH",
  "POST",
  "PUT",
  "QUERY",
  "TRACE",
]);

/** The attribute of a route. */
export const routeAttribute = "http.route";

/** The method, and the route where it is known: a path would make as many names as there are paths. */
export function spanName(method: string, route: string | undefined): string {
  const verb = methods.has(method) ? method : "HTTP";
  return route === undefined ? verb : `${verb} ${route}`;
}

/**
 * What is known when a request comes: samplers may decide on it.
 *
 * @param proxies those whose word is taken, and nobody else's; without them it is everybody's, as the
 * conventions have it
 */
export function headAttributes(head: RequestHead, proxies?: TrustedProxies): Attributes {
  const { method, target, peer, route } = head;
  const mark = target.indexOf("?");
  const forwarded = proxies === undefined ? forwardedBy(head) : believed(head, proxies);
  const address = peer === undefined ? undefined : plainly(peer);
  const attributes: Attributes = {
    "http.request.method": methods.has(method) ? method : "_OTHER",
    "url.path": mark < 0 ? target : target.slice(0, mark),
    "url.scheme": forwarded.proto ?? head.scheme,
  };
  if (!methods.has(method)) attributes["http.request.method_original"] = method;
  if (mark >= 0) attributes["url.query"] = withoutSecrets(target.slice(mark + 1));
  if (route !== undefined) attributes[routeAttribute] = route;
  const client = forwarded.for ?? address;
  if (client !== undefined) attributes["client.address"] = client;
  if (address !== undefined) attributes["network.peer.address"] = address;
  const host = forwarded.host ?? head.header("host") ?? head.header(":authority");
  if (host !== undefined && host !== "") addServer(attributes, host);
  const agent = head.header("user-agent");
  if (agent !== undefined) attributes["user_agent.original"] = agent;
  return attributes;
}

/** Keys of a query whose values the conventions have redacted, for they open what they name. */
const secretKeys = /(^|&)(AWSAccessKeyId|Signature|sig|X-Goog-Signature)=[^&]*/g;

function withoutSecrets(query: string): string {
  return query.includes("=") ? query.replace(secretKeys, "$1$2=REDACTED") : query;
}

function addServer(attributes: Attributes, host: string): void {
  const [, name = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  // The colons of an address of IPv6 are no port's, for it stands in brackets.
  attributes["server.address"] = name.replace(/^\[(.*)\]$/, "$1");
  if (port !== undefined) attributes["server.port"] = Number(port);
}

/** What proxies say of the request that they were sent: the conventions have that go first. */
interface Forwarded {
  for?: string;
  host?: string;
  proto?: string;
}

function forwardedBy(head: RequestHead): Forwarded {
  const standard = head.header("forwarded");
  if (standard !== undefined) return parseForwarded(standard);
  const [client, host, proto] = ["for", "host", "proto"].map((name) =>
    firstOf(head.header(`x-forwarded-${name}`))
  );
  return {
    ...(client === undefined ? {} : { for: client }),
    ...(host === undefined ? {} : { host }),
    ...(proto === undefined ? {} : { proto }),
  };
}

/** Who the client is, and by which scheme it came, is the same as in the access log. */
function believed(head: RequestHead, proxies: TrustedProxies): Forwarded {
  const { peer, scheme } = head;
  if (peer === undefined || !proxies.trusts(peer)) return {};
  const header = (name: string): string | undefined => head.header(name);
  const { host } = forwardedBy(head);
  return {
    for: proxies.clientOf(peer, header),
    proto: proxies.protocolOf(peer, header, scheme),
    ...(host === undefined ? {} : { host }),
  };
}

/** Each proxy adds to the end. */
function firstOf(list: string | undefined): string | undefined {
  const first = list?.split(",", 1)[0]?.trim();
  return first === "" ? undefined : first;
}

/** The first element of RFC 7239 §4; of its `for` the port is left away. */
function parseForwarded(value: string): Forwarded {
  const found: Forwarded = {};
  const pairs = /\s*([\w-]+)=("(?:\\.|[^"\\])*"|[^;,\s]*)\s*(?:;|(,)|$)/y;
  for (let pair = pairs.exec(value); pair !== null; pair = pairs.exec(value)) {
    const [, key = "", given = "", comma] = pair;
    const name = key.toLowerCase();
    const text = given.startsWith('"') ? given.slice(1, -1).replace(/\\(.)/g, "$1") : given;
    if (name === "for") found.for = text.replace(/^\[(.*)\](:\d+)?$|:\d+$/, "$1");
    else if (name === "host" || name === "proto") found[name] = text;
    if (comma !== undefined) break;
  }
  return found;
}
