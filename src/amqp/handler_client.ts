import { Agent, type IncomingMessage, request, type RequestOptions } from "node:http";
import { Agent as TlsAgent, request as requestTls } from "node:https";

/** What the handler answered. */
export interface Answer {
  status: number;
  contentType: string | undefined;
  body: Buffer;
}

/** The handler's process broke off, or its listener did, before all of the answer was there. */
export class BrokenOff extends Error {
  override name = "BrokenOff";
}

/** Nobody listened: the handler has seen nothing of it. */
export class NobodyListens extends Error {
  override name = "NobodyListens";
}

/**
 * Posts to the handler's own listener.
 *
 * With `node:http`, for `fetch` would take a proxy that the environment names, gives up after some
 * time on Bun, and does not tell on Deno why it failed.
 */
export class HandlerClient {
  readonly #url: URL;
  readonly #options: RequestOptions;

  /** @param url where the handler is reached, as in `http://127.0.0.1:8000` */
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

  /**
   * Posts a body and gives the answer, however long that takes.
   *
   * @throws {NobodyListens}
   * @throws {BrokenOff}
   */
  post(path: string, headers: Record<string, string>, body: Buffer): Promise<Answer> {
    const send = this.#url.protocol === "https:" ? requestTls : request;
    return new Promise((resolve, reject) => {
      const brokenOff = (error?: Error): void =>
        reject(new BrokenOff(error?.message ?? "the connection ended", { cause: error }));
      const sent = send({
        ...this.#options,
        path,
        method: "POST",
        headers: { ...headers, host: this.#url.host, "content-length": body.length },
      }, (response) => readAnswer(response).then(resolve, brokenOff));
      sent.on("error", (error: NodeJS.ErrnoException) => {
        if (error.code === "ECONNREFUSED") reject(new NobodyListens(error.message));
        else brokenOff(error);
      });
      sent.end(body);
    });
  }
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
