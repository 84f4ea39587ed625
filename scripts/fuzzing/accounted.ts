/** How the two have answered a request. */
export interface Answers {
  bare: string;
  hurricane: string;
}

/** RFC 3986 §3.2.2, without user information (RFC 9110 §4.2.4), and empty where there is none. */
const host = /^(?:\[[0-9a-f:.]+\]|(?:[a-z0-9\-._~!$&'()*+,;=]|%[0-9a-f]{2})*)(?::\d*)?$/i;

/** Why Hurricane answers this request so where the bare runtime does not; `undefined` where that is not known. */
export function accounted(bytes: string, { hurricane }: Answers): string | undefined {
  const hosts = [...bytes.matchAll(/^host:[ \t]*(.*?)[ \t]*\r?$/gim)].map(([, value]) => value!);
  if (hurricane.includes("400") && hosts.some((value) => !host.test(value))) {
    return "its `Host` is none: 400 (RFC 9112 §3.2), before anything is decided on its path";
  }
  return undefined;
}
