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

type Upgrading = (request: Request) => (socket: WebSocket) => void;

/** Who is told of each upgrade, before it and with its socket. */
const watching: Upgrading[] = [];

/**
 * Notes from now on which requests become WebSockets, and tells `watch` of them.
 *
 * Where the answer to such a request is any other than the one that belongs to it, Deno 2.9 closes
 * the whole server, with all that is in flight: "Upgrade response was not returned from callback".
 */
export function noteUpgrades(watch?: Upgrading): void {
  if (watch !== undefined) watching.push(watch);
  if (noting) return;
  noting = true;
  const { upgradeWebSocket } = Deno;
  const noted: typeof upgradeWebSocket = (request, options) => {
    // Deno aborts the request's signal while it upgrades, as if its client had left.
    handed.add(request);
    const watched = watching.map((watch) => watch(request));
    try {
      const upgrade = upgradeWebSocket(request, options);
      upgrades.set(request, upgrade);
      any = true;
      for (const watch of watched) watch(upgrade.socket);
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
