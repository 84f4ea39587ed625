/**
 * Lines of the access log with the fields that `--access-log-fields` asks for.
 *
 * @module
 */
import { inColour } from "../log/line.ts";
import { visible } from "../plain_text.ts";
import { type AccessLogField, parseAccessLogFields } from "./access_fields.ts";
import { escaped, plainly } from "./access_text.ts";
import type { AppOptions } from "./options.ts";
import { requestIdHeader, requestIdOf, traceIdOf } from "./request_id.ts";
import { type Header, TrustedProxies } from "./trusted_proxies.ts";

/** What is known of a request when it has been answered. */
export interface Answered {
  time: string;
  method: string;
  path: string;
  status: number;
  milliseconds: number;
  bytes: number | undefined;
}

/** How much of each is logged, in characters: so that a line is what a pipe takes whole. */
const longest = {
  method: 64,
  path: 600,
  client: 64,
  user_agent: 256,
  referer: 400,
  host: 128,
  request_id: 128,
} as const;

/** What a line is made of. */
export class AccessColumns {
  /** Is the length of an answer among them? */
  readonly wantsBytes: boolean;
  /** Is it asked who has opened the connection? On Bun that is dear to know. */
  readonly wantsPeer: boolean;
  readonly #fields: ReadonlySet<AccessLogField>;
  readonly #proxies: TrustedProxies | undefined;
  readonly #pretty: boolean;
  readonly #scheme: string;

  /** @param scheme what the service itself speaks */
  constructor(
    { accessLogFields, trustedProxy, pretty, scheme }:
      & Pick<AppOptions, "accessLogFields" | "trustedProxy">
      & { pretty: boolean; scheme: string },
  ) {
    this.#fields = new Set(parseAccessLogFields(accessLogFields));
    this.#proxies = trustedProxy.length === 0 ? undefined : new TrustedProxies(trustedProxy);
    this.#pretty = pretty;
    this.#scheme = scheme;
    this.wantsBytes = this.#fields.has("bytes");
    this.wantsPeer = this.#fields.has("client") ||
      (this.#fields.has("protocol") && this.#proxies !== undefined);
  }

  /**
   * The part of a line that follows from the head of a request. It is made before the handler has it: no
   * runtime tells of it once the client has left or the connection was upgraded.
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

  /** @param caller what {@linkcode callerOf} has made of the request */
  line(answered: Answered, caller = ""): string {
    const { time, milliseconds, bytes } = answered;
    const method = this.#fields.has("method") ? answered.method : "";
    const path = this.#fields.has("path") ? answered.path : "";
    const status = this.#fields.has("status") ? answered.status : undefined;
    const hasDuration = this.#fields.has("duration");
    if (this.#pretty) {
      const what = visible([method, path].filter((part) => part !== "").join(" "));
      const parts = [inColour(2, time), status, what, hasDuration ? `${milliseconds}ms` : ""];
      const size = bytes === undefined ? "" : ` bytes=${bytes}`;
      const shown = parts.filter((part) => part !== undefined && part !== "").join(" ");
      return `${shown}${size}${caller}\n`;
    }
    const [verb, target] = [escaped(method, longest.method), escaped(path, longest.path)];
    const message = [verb, target, status].filter((part) => part !== undefined && part !== "");
    return `{"time":"${time}","level":"info","part":"access","message":"${message.join(" ")}"` +
      (method === "" ? "" : `,"method":"${verb}"`) +
      (path === "" ? "" : `,"path":"${target}"`) +
      (status === undefined ? "" : `,"status":${status}`) +
      (hasDuration ? `,"duration_ms":${milliseconds}` : "") +
      (bytes === undefined ? "" : `,"bytes":${bytes}`) +
      `${caller}}\n`;
  }

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
