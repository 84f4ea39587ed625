/**
 * A webhook receiver to test against: a real HTTP server that keeps what it was sent.
 *
 * @module
 */
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A request as it arrived. */
export interface Received {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** Answers a request, or leaves it hanging. `index` counts the requests from 0. */
export type Answer = (response: ServerResponse, index: number) => void;

/** Answers with these statuses in turn, the last one for ever, and with the headers given. */
export function statuses(...list: number[]): Answer {
  return (response, index) => response.writeHead(list[Math.min(index, list.length - 1)] ?? 0).end();
}

/** Never answers. */
export const hang: Answer = () => {};

/** A receiver on a port of its own. */
export class Receiver {
  /** What has arrived so far, in order. */
  readonly requests: Received[] = [];
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();

  private constructor(answer: Answer) {
    this.#server = createServer(async (request, response) => {
      const body = await text(request);
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      const { method = "", url = "" } = request;
      this.requests.push({ method, url, headers, body });
      answer(response, this.requests.length - 1);
      for (const check of this.#waiting) check();
    });
  }

  /** Listens, on a free port unless one is given. */
  static async start(answer: Answer = statuses(204), port = 0): Promise<Receiver> {
    const receiver = new Receiver(answer);
    receiver.#server.listen(port, "127.0.0.1");
    await once(receiver.#server, "listening");
    return receiver;
  }

  /** Where it listens. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The address to send webhooks to. */
  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  /** The bodies that have arrived, parsed. */
  get payloads(): Record<string, string>[] {
    return this.requests.map((request) => JSON.parse(request.body));
  }

  /** Resolves when that many requests have arrived. */
  arrived(count: number): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (this.requests.length < count) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** Ends every connection and the server. */
  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }
}
