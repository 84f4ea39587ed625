/**
 * A webhook receiver that remembers what it got and misbehaves as told.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { Feed } from "./wait.ts";

/** How one request is treated: answered with a status, headers and a body, left hanging, or cut off. */
export type Reaction =
  | number
  | { status: number; headers: Record<string, string>; body?: Buffer }
  | "hang"
  | "reset";

/** One attempt as it arrived. */
export interface Attempt {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** The body, parsed. */
  payload: Record<string, string>;
  /** How it was treated. */
  reaction: Reaction;
}

/** Listens on a free port of the loopback interface until disposed of. */
export class Receiver {
  /** Every attempt, in order of arrival. */
  readonly attempts = new Feed<Attempt>();
  readonly #server: Server;
  readonly #script: Reaction[];
  readonly #hanging = new Set<ServerResponse>();

  private constructor(script: Reaction[]) {
    this.#script = script;
    this.#server = createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        const body = Buffer.concat(chunks).toString();
        const reaction = this.#script.shift() ?? 204;
        const { method = "", url = "", headers } = incoming;
        const payload: Record<string, string> = body === "" ? {} : JSON.parse(body);
        this.attempts.push({ method, path: url, headers, body, payload, reaction });
        this.#react(response, reaction);
      });
    });
  }

  /** The first attempts are treated as the script says, the others answered with 204. */
  static async open(...script: Reaction[]): Promise<Receiver> {
    const receiver = new Receiver(script);
    await new Promise<void>((resolve) => receiver.#server.listen(0, "127.0.0.1", resolve));
    return receiver;
  }

  /** `http://127.0.0.1:PORT` and the path. */
  url(path = "/hook"): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  /** Waits for the first so many attempts and gives `type status` of each. */
  async states(count: number): Promise<string[]> {
    const attempts = await this.attempts.first(count);
    return attempts.map(({ payload }) => `${payload["type"]} ${payload["status"]}`);
  }

  /** The first attempt of that type and status. */
  delivery(type: string, status: string): Promise<Attempt> {
    return this.attempts.until(
      `a ${type} webhook with ${status}`,
      ({ payload }) => payload["type"] === type && payload["status"] === status,
    );
  }

  /** Answers what was left hanging with 204. */
  release(): void {
    for (const response of this.#hanging) response.writeHead(204).end();
    this.#hanging.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #react(response: ServerResponse, reaction: Reaction): void {
    if (reaction === "hang") this.#hanging.add(response);
    else if (reaction === "reset") response.socket?.destroy();
    else if (typeof reaction === "number") response.writeHead(reaction).end();
    else response.writeHead(reaction.status, reaction.headers).end(reaction.body);
  }
}
