/**
 * Who may attach to the debugger's port: whoever does can run any code, and every page in a browser of
 * this machine can open a WebSocket to it.
 *
 * @module
 */
import { isIP } from "node:net";

/**
 * Does the head of a request come from a debugger? None comes from a page, and none by
 * a name that anybody could lead here, but only by `localhost` or an address. Deno 2.9 looks at neither.
 */
export function isFromDebugger(head: string): boolean {
  const origins = valuesOf("origin", head);
  const hosts = valuesOf("host", head);
  return origins.every(isNoPage) && hosts.every(isThisMachine);
}

function valuesOf(name: string, head: string): string[] {
  return head.split("\r\n").slice(1).flatMap((line) => {
    const colon = line.indexOf(":");
    return line.slice(0, colon).trim().toLowerCase() === name ? [line.slice(colon + 1).trim()] : [];
  });
}

/** A page that hides where it is from says `null`. */
function isNoPage(origin: string): boolean {
  return /^[a-z][a-z\d+.-]*:/i.test(origin) && !/^https?:/i.test(origin);
}

function isThisMachine(host: string): boolean {
  const name = host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
  return /^localhost$/i.test(name) || isIP(name) > 0;
}
