import { expired, within } from "../within.ts";

/** The part of a Bun server that stopping needs. */
export interface StoppableServer {
  /** Requests whose response has not been sent to its end. */
  pendingRequests: number;
  pendingWebSockets: number;
  stop(closeActive?: boolean): Promise<void>;
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
