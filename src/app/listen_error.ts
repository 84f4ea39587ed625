import { TracedError } from "../errors.ts";

/** An address cannot be had: it is taken, is not of this machine, or needs privileges. */
export class ListenError extends TracedError {
  override name = "ListenError";

  /** @param reason why, and what to do, where more is known than the cause says */
  constructor(
    what: string,
    flag: string,
    { hostname, port }: { hostname: string; port: number },
    cause: unknown,
    reason?: string,
  ) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const known = isUnknownName(hostname, code, message) ? unknownName : reasons[code ?? ""];
    const why = reason ?? known?.(flag) ?? message;
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    super(`${what} cannot listen on ${host}:${port}: ${why}`, { cause });
  }

  /** Where in Hurricane it could not listen is of no use to anybody. */
  get trace(): string {
    return this.message;
  }
}

/** A further server of the handler's cannot listen where it was asked to, and the handler does not mind. */
export class FurtherListenError extends TracedError {
  override name = "ListenError";

  constructor(opener: string, address: string, cause: NodeJS.ErrnoException) {
    const why = cause.code === "EADDRINUSE"
      ? "it is taken; stop what listens there, or have the handler take another one"
      : cause.message;
    super(`the handler's ${opener} cannot listen on ${address}: ${why}`, { cause });
  }

  /** Its own call of `listen` has returned long ago. */
  get trace(): string {
    return this.message;
  }
}

/** The listener of the handler has gone, and cannot be opened again. */
export class ListenerLost extends TracedError {
  override name = "ListenerLost";

  /** @param reason who closed it, and why, as the end of a sentence */
  constructor(reason: string) {
    super(`the handler's listener was closed: ${reason}`);
  }

  /** Where in Hurricane it was noticed is of no use to anybody. */
  get trace(): string {
    return this.message;
  }
}

/** Is that a name of which nobody knows an address? Of Bun's two errors only one has a code, that of sockets. */
function isUnknownName(hostname: string, code: string | undefined, message: string): boolean {
  if (!/[a-z]/i.test(hostname) || hostname.includes(":")) return false;
  if (code === undefined) return /^Failed to listen at |\blookup address\b/.test(message);
  return code === "ENOTSUP" || code === "ENOTFOUND";
}

const unknownName = (flag: string): string =>
  `no address is known of that name; give ${
    flag.startsWith("--probe") ? "--probe-host" : "--host"
  } an address of this machine, such as 0.0.0.0 or 127.0.0.1`;

const reasons: Record<string, (flag: string) => string> = {
  EADDRINUSE: (flag) => `the port is taken; stop what listens there, or give another ${flag}`,
  EACCES: (flag) => `ports below 1024 need privileges here; give another ${flag}`,
  EAFNOSUPPORT: () => "there is no IPv6 here; give an address of IPv4, such as 0.0.0.0",
  EADDRNOTAVAIL: () => "the address is none of this machine's",
};
