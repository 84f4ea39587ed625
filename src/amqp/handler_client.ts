import { Agent, type IncomingMessage, request, type RequestOptions } from "node:http";
import { Agent as TlsAgent, request as requestTls } from "node:https";
import { messageOf } from "../errors.ts";
import type { LeanClient } from "../runtime/lean_client.ts";

/** What the handler answered. */
export interface Answer {
  status: number;
  contentType: string | undefined;
  body: Uint8Array;
}

/** The handler's process broke off, or its listener did, before all of the answer was there. */
export class BrokenOff extends Error {
  override name = "BrokenOff";
}

/** Nobody listened: the handler has seen nothing of it. */
export class NobodyListens extends Error {
  override name = "NobodyListens";
}

/** Posts to the handler's own listener. */
export interface HandlerClient {
  /**
   * Posts a body and gives the answer, however long that takes.
   *
   * @throws {NobodyListens}
   * @throws {BrokenOff}
   */
  post(path: string, headers: Record<string, string>, body: Buffer): Promise<Answer>;
}

/**
 * Posts to a URL such as `http://127.0.0.1:8000`, by `client` where there is one.
 *
 * Not simply with `fetch`, which takes a proxy that the environment names and does not tell on Deno why
 * it failed.
 */
export function handlerClient(url: string, client: LeanClient | undefined): HandlerClient {
  if (client === undefined) return new NodeClient(url);
  return {
    async post(path, headers, body) {
      try {
        // amqplib's buffers are never shared ones.
        return await client.post(`${url}${path}`, headers, body as Buffer<ArrayBuffer>);
      } catch (error) {
        throw failure(error);
      }
    },
  };
}

/** With `node:http`. */
class NodeClient implements HandlerClient {
  readonly #url: URL;
  readonly #options: RequestOptions;

  constructor(url: string) {
    this.#url = new URL(url);
    const { hostname, port, protocol } = this.#url;
    const bare = hostname.replace(/^\[(.*)\]$/, "$1");
    // The certificate is for a name that clients use, and this process itself has opened the listener.
    const agent = protocol === "https:"
      ? new TlsAgent({ keepAlive: true, rejectUnauthorized: false })
      : new Agent({ keepAlive: true });
    this.#options = { hostname: bare, port, agent };
  }

  post(path: string, headers: Record<string, string>, body: Buffer): Promise<Answer> {
    const send = this.#url.protocol === "https:" ? requestTls : request;
    return new Promise((resolve, reject) => {
      const failed = (error: unknown): void => reject(failure(error));
      const sent = send({
        ...this.#options,
        path,
        method: "POST",
        headers: { ...headers, host: this.#url.host, "content-length": body.length },
      }, (response) => readAnswer(response).then(resolve, failed));
      sent.on("error", failed);
      sent.end(body);
    });
  }
}

function failure(error: unknown): NobodyListens | BrokenOff {
  const { code } = Object(error) as NodeJS.ErrnoException;
  const Kind = code === "ECONNREFUSED" ? NobodyListens : BrokenOff;
  return new Kind(messageOf(error), { cause: error });
}

function readAnswer(response: IncomingMessage): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    response.on("data", (part: Buffer) => parts.push(part));
    response.on("error", reject);
    response.on("aborted", () => reject(new Error("the answer was not completed")));
    response.on("end", () =>
      resolve({
        status: response.statusCode ?? 0,
        contentType: response.headers["content-type"],
        body: Buffer.concat(parts),
      }));
  });
}
