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
    const why = reason ?? reasons[code ?? ""]?.(flag) ?? message;
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

const reasons: Record<string, (flag: string) => string> = {
  EADDRINUSE: (flag) => `the port is taken; stop what listens there, or give another ${flag}`,
  EACCES: (flag) => `ports below 1024 need privileges here; give another ${flag}`,
  EAFNOSUPPORT: () => "there is no IPv6 here; give an address of IPv4, such as 0.0.0.0",
  EADDRNOTAVAIL: () => "the address is none of this machine's",
};
