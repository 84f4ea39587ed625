import type { ServerResponse } from "node:http";
import { queueMicrotask } from "../../natives.ts";

/**
 * Whatever is still done to a response that has been given in somebody's place is dropped, and does nobody
 * harm: not who does it, nor the next response on the same connection.
 *
 * @param ended called when it would have ended
 */
export function mute(res: ServerResponse, ended: () => void): void {
  const same = (): ServerResponse => res;
  const done = (args: unknown[]): void => {
    const callback = args.findLast((value) => typeof value === "function");
    if (callback !== undefined) queueMicrotask(callback as () => void);
  };
  const inform = (...args: unknown[]): void => done(args);
  Object.assign(res, {
    write(...args: unknown[]): boolean {
      done(args);
      return true;
    },
    end(...args: unknown[]): ServerResponse {
      done(args);
      ended();
      return res;
    },
    writeHead: same,
    setHeader: same,
    setHeaders: same,
    appendHeader: same,
    removeHeader() {},
    flushHeaders() {},
    addTrailers() {},
    writeContinue: inform,
    writeProcessing: inform,
    writeEarlyHints: inform,
    writeInformation: inform,
  });
}
