/**
 * An HTTP/2 client.
 *
 * @module
 */
import {
  type ClientHttp2Session,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import type { Answer } from "./http.ts";

/** One connection. */
export class Http2Connection implements Disposable {
  readonly #session: ClientHttp2Session;
  /** Resolves when the server has said that it goes away (GOAWAY, RFC 9113 §6.8). */
  readonly left: Promise<void>;

  /** Connects. `ca` is the certificate to trust, in PEM, where the URL is one of TLS. */
  constructor(url: string, ca?: string) {
    this.#session = connect(url, ca === undefined ? {} : { ca });
    this.left = new Promise((resolve) => this.#session.once("goaway", () => resolve()));
  }

  /** One request. Rejects where it gets no answer. */
  get(path: string, sent: OutgoingHttpHeaders = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const stream = this.#session.request({ ":path": path, ...sent });
      let headers: IncomingHttpHeaders | undefined;
      let text = "";
      stream.once("response", (received) => headers = received);
      stream.setEncoding("utf8").on("data", (chunk: string) => text += chunk);
      stream.once("end", () => {
        if (headers === undefined) return reject(new Error(`there was no answer to ${path}`));
        resolve({ status: Number(headers[":status"]), headers, text });
      });
      stream.once("error", reject);
      stream.end();
    });
  }

  [Symbol.dispose](): void {
    this.#session.destroy();
  }
}
