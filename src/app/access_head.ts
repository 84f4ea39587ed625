/**
 * The fields of the access log that follow from the head of a request.
 *
 * @module
 */
import type { AccessLogField } from "./access_fields.ts";
import { escaped, plainly } from "./access_text.ts";
import type { AppOptions } from "./options.ts";
import { requestIdHeader, requestIdOf, traceIdOf } from "./request_id.ts";
import { type Header, TrustedProxies } from "./trusted_proxies.ts";

/** How much of each is logged, in characters: so that a line is what a pipe takes whole. */
const longest = {
  client: 64,
  user_agent: 256,
  referer: 400,
  host: 128,
  request_id: 128,
} as const;

/** The part of a line that is known before the handler has the request. */
export class AccessHead {
  /** Is it asked who has opened the connection? On Bun that is dear to know. */
  readonly wantsPeer: boolean;
  readonly #fields: ReadonlySet<AccessLogField>;
  readonly #proxies: TrustedProxies | undefined;
  readonly #pretty: boolean;
  readonly #scheme: string;

  /**
   * @param fields all of a line
   * @param scheme what the service itself speaks
   */
  constructor(
    { fields, trustedProxy, pretty, scheme }:
      & { fields: readonly AccessLogField[]; pretty: boolean; scheme: string }
      & Pick<AppOptions, "trustedProxy">,
  ) {
    this.#fields = new Set(fields);
    this.#proxies = trustedProxy.length === 0 ? undefined : new TrustedProxies(trustedProxy);
    this.#pretty = pretty;
    this.#scheme = scheme;
    this.wantsPeer = this.#fields.has("client") ||
      (this.#fields.has("protocol") && this.#proxies !== undefined);
  }

  /**
   * Makes that part. It is made before the handler has the request: no runtime tells of it once the client
   * has left or the connection was upgraded.
   */
  readonly callerOf = (client: string | undefined, header: Header): string => {
    const from = client === undefined ? undefined : plainly(client);
    let text = "";
    for (const field of this.#fields) {
      const value = this.#ofHead(field, from, header);
      if (value !== undefined) text += this.#text(field, value);
    }
    return text;
  };

  #ofHead(field: AccessLogField, peer: string | undefined, header: Header): string | undefined {
    switch (field) {
      case "client":
        return peer === undefined ? undefined : this.#proxies?.clientOf(peer, header) ?? peer;
      case "protocol":
        return peer === undefined
          ? this.#scheme
          : this.#proxies?.protocolOf(peer, header, this.#scheme) ?? this.#scheme;
      case "request_id":
        return requestIdOf(header(requestIdHeader));
      case "trace_id":
        return traceIdOf(header("traceparent"));
      case "user_agent":
        return header("user-agent") ?? undefined;
      case "referer":
      case "host":
        return header(field) ?? undefined;
      default:
        return undefined;
    }
  }

  #text(field: AccessLogField, value: string): string {
    const most = field in longest ? longest[field as keyof typeof longest] : 64;
    const text = escaped(value, most);
    if (!this.#pretty) return `,"${field}":"${text}"`;
    return /^[^\s"\\]+$/.test(text) ? ` ${field}=${text}` : ` ${field}="${text}"`;
  }
}
