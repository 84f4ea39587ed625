import { noteUpgrades } from "./deno_upgrades.ts";

type Info = Deno.ServeHandlerInfo<Deno.NetAddr>;

/** How many requests are remembered before those that are done are forgotten. */
const enough = 512;

/**
 * The requests that are in progress: their responses have not been sent to their end. Deno tells that of
 * none by itself, but no address of one that is done; and to wait for a promise of each takes a tenth of
 * its time. So the last ones are kept, and gone through when they have become many.
 */
export class OpenRequests {
  #most = enough;
  #requests: Request[] = [];
  #infos: Info[] = [];
  /** The clients' ports of WebSockets that are open. */
  readonly #sockets = new Map<WebSocket, number>();

  constructor() {
    noteUpgrades((request) => this.#upgraded(request));
  }

  add(request: Request, info: Info): void {
    if (this.#infos.length >= this.#most) this.#forget();
    this.#requests.push(request);
    this.#infos.push(info);
  }

  /** The ports of their clients. */
  ports(): Set<number> {
    this.#forget();
    const ports = new Set(this.#sockets.values());
    for (const info of this.#infos) {
      const port = portOf(info);
      if (port !== undefined) ports.add(port);
    }
    return ports;
  }

  #forget(): void {
    const open = this.#infos.map((info) => portOf(info) !== undefined);
    this.#requests = this.#requests.filter((_, index) => open[index]);
    this.#infos = this.#infos.filter((_, index) => open[index]);
    this.#most = Math.max(enough, 2 * this.#infos.length);
  }

  /** A request becomes a WebSocket: its address is told only before. */
  #upgraded(request: Request): (socket: WebSocket) => void {
    const info = this.#infos[this.#requests.indexOf(request)];
    const port = info === undefined ? undefined : portOf(info);
    return (socket) => {
      if (port === undefined) return;
      this.#sockets.set(socket, port);
      socket.addEventListener("close", () => this.#sockets.delete(socket));
    };
  }
}

/** Its client's port; `undefined` where its response has been sent: "Request closed". */
function portOf(info: Info): number | undefined {
  try {
    return info.remoteAddr.port;
  } catch {
    return undefined;
  }
}
