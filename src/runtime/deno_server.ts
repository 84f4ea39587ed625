import { messageOf } from "../errors.ts";
import { limitConnections, limited } from "./connections.ts";
import { BreakableRequests } from "./deno_breakable.ts";
import { keepFreed, socketCalls } from "./deno_c_library.ts";
import { OpenRequests } from "./deno_open_requests.ts";
import { headerOf } from "./deno_headers.ts";
import { keepQuiet } from "./deno_signal.ts";
import { serve as serveDirectly, serveWrapped } from "./deno_serve.ts";
import { forgetSpan, traces } from "./deno_traces.ts";
import { noteUpgrades } from "./deno_upgrades.ts";
import {
  defaultIdleTimeout,
  defaultMaxBodySize,
  type FetchHandler,
  type HandlerListener,
  type HandlerListenOptions,
  type ListenAddress,
  type Listener,
  type ListenerLoss,
  type ListenOptions,
  type TlsKeyPair,
} from "./runtime.ts";
import { countedBody, refusing, toldLength } from "./bodies.ts";
import { performance, Promise, Request, setTimeout } from "../natives.ts";

/** Fields that `deno serve` takes from a default export besides `fetch`. */
const serverFields = ["onListen"];

/** Deno's part of `Runtime.listen`. */
export async function listen(fetch: FetchHandler, options: ListenOptions): Promise<Listener> {
  const untraced: FetchHandler = (request, info) => {
    forgetSpan();
    return fetch(request, info);
  };
  const server = listener(traces ? untraced : fetch, options);
  return await Promise.resolve(limited(server, options, socketCalls));
}

/** Deno's part of `Runtime.listenHandler`. */
export async function listenHandler(
  fetch: FetchHandler,
  options: HandlerListenOptions,
): Promise<HandlerListener> {
  const limit = options.maxBodySize ?? defaultMaxBodySize;
  const tooLarge = options.wrap(refusing(limit));
  const breakable = new BreakableRequests(
    options.bodiesInFlight,
    options.draining,
    options.tls !== undefined,
  );
  // Only where it is asked for: to know what is in progress takes a request of a plain text half as long
  // again.
  const open = options.idleTimeout === undefined || socketCalls() === undefined
    ? undefined
    : new OpenRequests();
  noteUpgrades();
  keepFreed();
  const server = listener(
    (request, info) => {
      breakable.countHttp2(request, info as Deno.ServeHandlerInfo);
      open?.add(request, info as Deno.ServeHandlerInfo<Deno.NetAddr>);
      const { method } = request;
      if (method === "GET" || method === "HEAD") return fetch(request, info);
      const length = toldLength(headerOf(request, "content-length"));
      if (length === undefined) return fetch(limitChunks(request, limit), info);
      return length > limit ? tooLarge(request, info) : fetch(request, info);
    },
    options,
    options.lost,
  );
  const unlimit = open === undefined ? undefined : limitConnections(server.port, socketCalls, {
    unanswered: options.idleTimeout ?? defaultIdleTimeout,
    busy: () => open.ports(),
  });
  const { onListen } = knownFields(options.fields);
  if (typeof onListen === "function") onListen.call(options.fields, server.addr);
  return await Promise.resolve({
    ...server,
    async stop(timeout = Infinity): Promise<void> {
      // Some clients always have something in flight: it needs the other half of the time.
      await breakable.none(timeout / 2);
      unlimit?.();
      await server.stop();
    },
    // Deno closes them itself, with 1001, when the server shuts down.
    closeWebSockets(): void {},
    scheme: options.tls === undefined ? "http" : "https",
    pending: () => undefined,
  });
}

/** Deno's part of `Runtime.knownFields`. */
export function knownFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    serverFields.flatMap((name) => {
      const value = fields[name];
      // As `deno serve` calls it: a class's method may need its object.
      return typeof value === "function" ? [[name, value.bind(fields)]] : [];
    }),
  );
}

interface DenoListenOptions extends ListenAddress {
  /** By default, what has wrapped `Deno.serve` is passed by. */
  direct?: boolean;
  tls?: TlsKeyPair;
  onError?: (error: unknown) => Response;
}

function serve(
  fetch: FetchHandler,
  { hostname, port, reusePort, tls, onError, direct = true }: DenoListenOptions,
): Deno.HttpServer<Deno.NetAddr> {
  // Hurricane's handlers settle to a Response: `undefined` is answered before it gets here.
  const handler = fetch as Deno.ServeHandler<Deno.NetAddr>;
  const errors = onError === undefined ? {} : { onError };
  const start = direct ? serveDirectly : serveWrapped;
  return start({ hostname, port, reusePort, ...tls, ...errors, onListen() {} }, handler);
}

/** How long after a failure a server is opened again, in milliseconds. */
const reopenPause = 100;

/** How long that is tried, in milliseconds: until then clients may have given descriptors back. */
const reopenPatience = 10_000;

/**
 * A server that is opened again when it is gone unasked. Deno ends one that has no file descriptor left
 * to accept a connection with, and closes one where the answer to an upgraded request is none of its
 * own.
 */
function listener(
  fetch: FetchHandler,
  options: DenoListenOptions,
  lost: (loss: ListenerLoss) => void = () => {},
): DenoListener {
  let server = serve(fetch, options);
  const { addr } = server;
  let stopping = false;
  const reopen = (reason: string, deadline: number): void => {
    if (stopping) return;
    try {
      server = serve(fetch, { ...options, port: addr.port });
    } catch (error) {
      // Still none; the port itself is this process's own.
      if (performance.now() >= deadline) {
        lost({
          reason: `${reason}, and it cannot be opened again: ${messageOf(error)}`,
          reopened: false,
        });
      } else setTimeout(reopen, reopenPause, reason, deadline);
      return;
    }
    watch();
    lost({ reason, reopened: true });
  };
  const watch = (): void => {
    const deadline = (): number => performance.now() + reopenPatience;
    void server.finished.then(
      () =>
        reopen(
          "Deno closed it, as it does after a wrong answer to an upgraded request",
          deadline(),
        ),
      (error) =>
        void setTimeout(reopen, reopenPause, `Deno ended it: ${messageOf(error)}`, deadline()),
    );
  };
  watch();
  return {
    addr,
    hostname: addr.hostname,
    port: addr.port,
    stop(): Promise<void> {
      stopping = true;
      return server.shutdown();
    },
    // Once it shuts down, a server's signal can no longer be used: it throws "Bad resource ID".
    abort(): void {},
  };
}

interface DenoListener extends Listener {
  addr: Deno.NetAddr;
}

/** Deno knows no `maxRequestBodySize`: whoever reads a body of unknown length has it fail at the limit. */
function limitChunks(request: Request, limit: number): Request {
  if (request.body === null) return request;
  // Deno reads the rest of a body by itself where nobody has begun to read it.
  const counted = countedBody(
    request.body,
    limit,
    (reader) => void reader.cancel().catch(() => {}),
  );
  // A copy asks for the signal of the original.
  keepQuiet();
  return new Request(request, { body: counted });
}
