import { isIPv6 } from "node:net";
import { defaultMaxBodySize } from "../../src/runtime/runtime.ts";

/** How the two have answered a request. */
export interface Answers {
  bare: string;
  hurricane: string;
}

/** RFC 3986 §3.2.2, without user information (RFC 9110 §4.2.4), and empty where there is none. */
const host =
  /^(?:\[(?<address>[0-9a-f:.]+)\]|(?:[a-z0-9\-._~!$&'()*+,;=]|%[0-9a-f]{2})*)(?::\d*)?$/i;

/** Why Hurricane answers this request so where the bare runtime does not; `undefined` where that is not known. */
export function accounted(bytes: string, { hurricane }: Answers): string | undefined {
  const valuesOf = (name: string): string[] =>
    [...bytes.matchAll(new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*\\r?$`, "gim"))]
      .map(([, value]) => value!);
  const hosts = valuesOf("host");
  if (hurricane.includes("400") && hosts.some((value) => !isHost(value))) {
    return "its `Host` is none: 400 (RFC 9112 §3.2), before anything is decided on its path";
  }
  const [, authority] = /^\S+ https?:\/\/([^\/?#\s]*)/i.exec(bytes) ?? [];
  if (hurricane.includes("400") && authority !== undefined && !isHost(authority)) {
    return "the host in its target is none: 400 (RFC 9112 §3.2.2)";
  }
  if (hurricane.includes("400") && hosts.length > 1) {
    return "it has several `Host`s: 400 (RFC 9112 §3.2)";
  }
  const lengths = valuesOf("content-length");
  if (hurricane.includes("413") && lengths.some((value) => Number(value) > defaultMaxBodySize)) {
    return "it says that its body is longer than `--max-body-size`: 413, before that has come";
  }
  return undefined;
}

function isHost(value: string): boolean {
  const found = host.exec(value);
  const address = found?.groups?.["address"];
  return found !== null && (address === undefined || isIPv6(address));
}
