import { expired, within } from "../within.ts";

/** The part of a Bun server that stopping needs. */
export interface StoppableServer {
  /** Requests whose response has not been sent to its end. */
  pendingRequests: number;
  pendingWebSockets: number;
  stop(closeActive?: boolean): Promise<void>;
}

/**
 * The ciphers of TLS 1.2 that Mozilla calls intermediate, as far as Bun has them; those of TLS 1.3 are
 * all of that kind (https://wiki.mozilla.org/Security/Server_Side_TLS). By itself Bun takes RSA key
 * exchange, which has no forward secrecy, and CBC as well.
 */
const ciphers = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/** The same, with a current list of ciphers unless it has one of its own. */
export function withCiphers<Tls extends object>(tls: Tls): Tls {
  if (Array.isArray(tls)) return tls.map((one: object) => ({ ciphers, ...one })) as unknown as Tls;
  return { ciphers, ...tls };
}

/** How often it is looked whether anything is still pending, in milliseconds. */
const pollInterval = 50;

/**
 * Stops a server that speaks TLS.
 *
 * Bun would wait for each connection that has ended its handshake and not sent a request: browsers
 * and proxies open some in advance. Without TLS it does not see those before they send something.
 *
 * @param silence How long such a connection may still send a request, in milliseconds.
 */
export async function stopTls(server: StoppableServer, silence = 1000): Promise<void> {
  const stopped = server.stop();
  while (server.pendingRequests + server.pendingWebSockets > 0) {
    if (await within(pollInterval, stopped) !== expired) return;
  }
  if (await within(silence, stopped) === expired) await server.stop(true);
}
