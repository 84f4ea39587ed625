/** The socket that a handler was given for a request, and the one answer that Deno then takes. */
interface Upgrade {
  socket: WebSocket;
  response: Response;
}

/** The requests that are upgraded, from the moment on that the handler asks for it. */
const handed = new WeakSet<Request>();

const upgrades = new WeakMap<Request, Upgrade>();

/** Has there been any? Until then nothing has to be looked up. */
let any = false;

let noting = false;

/**
 * Notes from now on which requests become WebSockets.
 *
 * Where the answer to such a request is any other than the one that belongs to it, Deno 2.9 closes
 * the whole server, with all that is in flight: "Upgrade response was not returned from callback".
 */
export function noteUpgrades(): void {
  if (noting) return;
  noting = true;
  const { upgradeWebSocket } = Deno;
  const noted: typeof upgradeWebSocket = (request, options) => {
    // Deno aborts the request's signal while it upgrades, as if its client had left.
    handed.add(request);
    try {
      const upgrade = upgradeWebSocket(request, options);
      upgrades.set(request, upgrade);
      any = true;
      return upgrade;
    } catch (error) {
      handed.delete(request);
      throw error;
    }
  };
  Object.assign(Deno, { upgradeWebSocket: noted });
}

/** Deno's part of `Runtime.handedOver`. */
export function handedOver(request: Request): boolean {
  return handed.has(request);
}

/** Deno's part of `Runtime.settled`. */
export function settled(request: Request, answer: unknown): Response | undefined {
  if (!any) return undefined;
  const upgrade = upgrades.get(request);
  if (upgrade === undefined || answer === upgrade.response) return undefined;
  const { socket, response } = upgrade;
  const close = (): void => socket.close(1011, "Internal Server Error");
  if (socket.readyState === WebSocket.OPEN) close();
  else socket.addEventListener("open", close);
  return response;
}
