import { Buffer } from "node:buffer";
import { type IncomingMessage, request } from "node:http";

/** How often a kubelet follows a redirect before it gives up. */
const mostRedirects = 10;

/** How much of an answer a kubelet reads, in bytes; it does not mind that there is more. */
const mostBody = 10 * 1024;

/** What a kubelet sends. It keeps no connection. */
const headers = { "User-Agent": "kube-probe/1.36", Accept: "*/*", Connection: "close" };

/** What a kubelet makes of an answer. */
export interface Probed {
  success: boolean;
  /** What it shows in an event. */
  text: string;
}

/**
 * Asks as a kubelet does: 200 to 399 is a success, redirects on the same host are followed, and one to
 * another host is a success of its own.
 *
 * @param timeout for all of it, in milliseconds
 */
export async function probe(url: string, timeout = 1000): Promise<Probed> {
  const signal = AbortSignal.timeout(timeout);
  try {
    let at = new URL(url);
    for (let redirects = 0; redirects < mostRedirects; redirects++) {
      const { status, location, body } = await get(at, signal);
      const target = status >= 300 && status < 400 && location !== undefined
        ? new URL(location, at)
        : undefined;
      if (target === undefined || target.hostname !== at.hostname) {
        return { success: status >= 200 && status < 400, text: `${status} ${body}` };
      }
      at = target;
    }
    return { success: false, text: `stopped after ${mostRedirects} redirects` };
  } catch (error) {
    return { success: false, text: signal.aborted ? `no answer in ${timeout} ms` : `${error}` };
  }
}

interface Got {
  status: number;
  location: string | undefined;
  body: string;
}

function get(url: URL, signal: AbortSignal): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, headers, signal }, (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const done = () => {
        const body = Buffer.concat(chunks).subarray(0, mostBody).toString();
        resolve({ status: response.statusCode ?? 0, location: response.headers.location, body });
        sent.destroy();
      };
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length >= mostBody) done();
      });
      response.on("end", done);
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end();
  });
}
