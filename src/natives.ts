/**
 * What Hurricane needs of the globals in a process that runs a handler, as it is before that is imported:
 * a handler may replace it, and what fakes timers or watches promises does. `tests/natives_test.ts` holds
 * that all that is loaded there takes it from here.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import nodeProcess from "node:process";

export { Buffer };

export const {
  AbortController,
  AbortSignal,
  clearInterval,
  clearTimeout,
  console,
  DOMException,
  Headers,
  Promise,
  queueMicrotask,
  ReadableStream,
  Request,
  Response,
  setImmediate,
  setInterval,
  setTimeout,
  TextDecoder,
  TextEncoder,
  URL,
} = globalThis;

const { parse, stringify } = globalThis.JSON;

/** Its functions are mostly replaced where they stand. */
export const JSON = { parse, stringify };

/** Fake timers replace its `now` where it stands. */
export const performance: Pick<Performance, "now"> = {
  now: globalThis.performance.now.bind(globalThis.performance),
};

/** As above. */
export class Date extends globalThis.Date {
  static override readonly now: () => number = globalThis.Date.now;
}

/** A response like another one, which can be sent once more. */
export const cloneResponse: (answer: Response) => Response = Function.prototype.call.bind(
  Response.prototype.clone,
);

const ordinary = Function.prototype[Symbol.hasInstance];

const { getPrototypeOf } = Object;
const responsePrototype = Response.prototype;
const inheritsFromResponse = ordinary.bind(Response) as (value: unknown) => boolean;

/** `instanceof Response`, whatever `Response` says of that itself. Most are no heirs, which is soon seen. */
export function isResponse(value: unknown): value is Response {
  return typeof value === "object" && value !== null &&
    (getPrototypeOf(value) === responsePrototype || inheritsFromResponse(value));
}

/** `instanceof Promise`, whatever `Promise` says of that itself. */
export const isPromise = ordinary.bind(Promise) as (value: unknown) => value is Promise<unknown>;

const { emit, exit, listenerCount, listeners, off, on, once, removeAllListeners, send } =
  nodeProcess;

type Listening = (name: string | symbol, listener: (...args: never[]) => void) => unknown;

/** What `node:process` can do. `send` is not there where there is nobody to send to. */
export const processNatives = {
  emit: emit.bind(nodeProcess) as (name: string, ...args: unknown[]) => boolean,
  exit: exit.bind(nodeProcess),
  listenerCount: listenerCount.bind(nodeProcess),
  listeners: listeners.bind(nodeProcess) as (name: string | symbol) => unknown[],
  off: off.bind(nodeProcess) as Listening,
  on: on.bind(nodeProcess) as Listening,
  once: once.bind(nodeProcess) as Listening,
  removeAllListeners: removeAllListeners.bind(nodeProcess),
  send: send?.bind(nodeProcess),
};
