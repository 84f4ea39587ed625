/**
 * What all that listens for a handler needs, each of it late: it is for the few, or for the end.
 *
 * @module
 */
import { describe } from "../errors.ts";
import { logger } from "../log.ts";
import { runtime } from "../runtime/mod.ts";
import type { ListenAddress, TlsListenOptions } from "../runtime/runtime.ts";
import { ListenError } from "./listen_error.ts";
import type { TlsFiles } from "./tls.ts";

const log = logger("handler");

/** Connections that the kernel has taken are accepted first, where it can be had. */
export async function emptyQueue(port: number, patience: number): Promise<void> {
  if (!runtime.systemCalls) return;
  const steering = await import("./steering.ts" as string) as typeof import("./steering.ts");
  try {
    await steering.emptyQueue(port, patience);
  } catch (error) {
    log.debug("connections that were not accepted may be lost: {error}", {
      error: describe(error),
    });
  }
}

/** Loads what reads certificates, and with it cryptography, only where there are any. */
export async function readKeyPair(files: TlsFiles): Promise<TlsListenOptions> {
  const { readTls } = await import("./tls.ts" as string) as typeof import("./tls.ts");
  return readTls(files);
}

/** Why the handler cannot listen: the port may have been taken by the handler itself. */
export async function cannotListen(address: ListenAddress, cause: unknown): Promise<ListenError> {
  const isTaken = (cause as NodeJS.ErrnoException).code === "EADDRINUSE";
  const isOwn = isTaken && runtime.systemCalls &&
    (await import("./steering.ts" as string) as typeof import("./steering.ts")).listensOn(
      address.port,
    );
  return new ListenError("the handler", "--port", address, cause, isOwn ? ownPort : undefined);
}

const ownPort = "this process listens there already, with what cannot be adopted; have it take " +
  "another port, or give another --port";
