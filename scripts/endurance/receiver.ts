import { createServer, type Server } from "node:http";
import { Buffer } from "node:buffer";

/** What is told by webhooks, without what differs from run to run. */
export interface Told {
  type: string;
  status: string;
}

/** How a receiver can be away. */
export type Absence = "gone" | "busy" | "silent";

/** A receiver of webhooks that comes and goes. */
export class Receiver {
  /** Each event once, in the order in which it came first. */
  readonly events: Told[] = [];
  /** How many have come more than once. */
  again = 0;
  port = 0;
  #away: Absence | undefined;
  readonly #ids = new Set<string>();
  #server: Server | undefined;

  /** Listens, on the same port as before. */
  async come(): Promise<void> {
    this.#away = undefined;
    if (this.#server !== undefined) return;
    const server = createServer((request, answer) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        if (this.#away === "silent") return;
        if (this.#away === "busy") {
          answer.writeHead(503).end();
          return;
        }
        const id = String(request.headers["webhook-id"]);
        if (this.#ids.has(id)) this.again++;
        else this.#take(id, Buffer.concat(chunks).toString());
        answer.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.port, "127.0.0.1", resolve);
    });
    const address = server.address();
    if (typeof address === "object" && address !== null) this.port = address.port;
    this.#server = server;
  }

  /** Is there no more, answers 503, or answers nothing. */
  async leave(how: Absence): Promise<void> {
    this.#away = how;
    const server = this.#server;
    if (how !== "gone" || server === undefined) return;
    this.#server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  #take(id: string, text: string): void {
    const { type, status } = JSON.parse(text) as Told;
    this.#ids.add(id);
    this.events.push({ type, status });
  }
}
