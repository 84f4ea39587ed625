import { logger } from "../log.ts";
import type { AdoptedAddress, HeldServer } from "../runtime/mod.ts";
import { adoptionGrace } from "../timeline.ts";
import { clearTimeout, Promise, setTimeout } from "../natives.ts";

const log = logger("handler");

/** Which of the servers that a handler opens is to be adopted. */
export interface AdoptionOptions {
  /** Where Hurricane listens, which the handler finds in its variable PORT; 0: on a free one. */
  port: number;
  /** The port that it asks for, where it opens several: `--adopt-port`. */
  adoptPort?: number;
}

/**
 * Chooses among the servers that a handler opens the one that is to serve its requests.
 *
 * That is the one that asks for the port of `--adopt-port`, or else for Hurricane's own (the variable
 * PORT), or else the first that was opened while the handler was imported. A handler that awaits its
 * own `listen` is imported only when its server listens: so the first is adopted a moment after it was
 * opened, at the latest. The others are left alone, and listen where they were asked to.
 */
export class Adoption {
  readonly #options: AdoptionOptions;
  readonly #waiting: HeldServer[] = [];
  readonly #chosen = Promise.withResolvers<HeldServer>();
  #choice: HeldServer | undefined;
  /** Has it been decided that none, or which one, is adopted? */
  #decided = false;
  #exported: object | undefined;
  #at: AdoptedAddress | undefined;
  #grace: ReturnType<typeof setTimeout> | undefined;
  /** Servers that cannot be adopted, for whoever finds no other. */
  readonly refused: HeldServer[] = [];

  constructor(options: AdoptionOptions) {
    this.#options = options;
  }

  /** Settles with the server that is adopted before the import has ended, or after it. */
  get chosen(): Promise<HeldServer> {
    return this.#chosen.promise;
  }

  /** Decides on a server, now or later. */
  readonly hold = (server: HeldServer): void => {
    const { answers, asked: { port, notTcp } } = server;
    const { adoptPort } = this.#options;
    if ("node" in answers && answers.node === this.#exported) return server.join();
    if (this.#decided) return this.#further(server);
    if (notTcp !== undefined || (adoptPort !== undefined && port !== adoptPort)) {
      this.refused.push(server);
      return this.#further(server);
    }
    if (adoptPort !== undefined || port === this.#options.port) return this.#choose(server);
    this.#waiting.push(server);
    this.#grace ??= setTimeout(() => this.first(), adoptionGrace);
  };

  /** Is there one that is or could be adopted? */
  get any(): boolean {
    return this.#choice !== undefined || this.#waiting.some(({ withdrawn }) => !withdrawn);
  }

  /** The server that was opened first is adopted, if there is any; of those that are `meant`. */
  first(meant: (server: HeldServer) => boolean = () => true): HeldServer | undefined {
    const first = this.#waiting.find((server) => !server.withdrawn && meant(server));
    if (!this.#decided && first !== undefined) this.#choose(first);
    return this.#choice;
  }

  /**
   * None is adopted, for there is an exported handler.
   *
   * @param exported the server of that, where it is one of `node:http`: the module may yet have it listen
   */
  none(exported: object | undefined): void {
    this.#exported = exported;
    this.#decide();
  }

  /** It listens now, and so do those that wait for it to. */
  listening(at: AdoptedAddress): void {
    this.#at = at;
  }

  #choose(server: HeldServer): void {
    this.#choice = server;
    const { opener, asked } = server;
    const { port } = this.#options;
    if (asked.port === port) log.info("the handler's {opener} is adopted", { opener });
    else {
      log.info("the handler's {opener} is adopted; {address} gives way to --port {port}", {
        opener,
        address: addressOf(server),
        port,
      });
    }
    this.#decide();
    this.#chosen.resolve(server);
  }

  #decide(): void {
    this.#decided = true;
    clearTimeout(this.#grace);
    for (const server of this.#waiting.splice(0)) {
      if (server !== this.#choice && !server.withdrawn) this.#further(server);
    }
  }

  /** Leaves a server alone, unless the one that is adopted stands for it as well. */
  #further(server: HeldServer): void {
    const { port, notTcp } = server.asked;
    const isAdopteds = this.#choice !== undefined && port !== undefined && port !== 0 &&
      (port === this.#choice.asked.port || port === this.#at?.port);
    if (notTcp === undefined && isAdopteds) {
      log.debug("a further address of the adopted server is not listened on: {address}", {
        address: addressOf(server),
      });
      return server.pretend(this.#at ?? { hostname: "", port, scheme: "http" });
    }
    server.release();
    log.info("the handler also opens {opener} on {address}, which is left as it is", {
      opener: server.opener,
      address: addressOf(server),
    });
  }
}

/** Where a server was asked to listen, for a person. */
export function addressOf({ asked: { port, hostname, notTcp } }: HeldServer): string {
  if (notTcp !== undefined) return notTcp;
  const where = port === undefined || port === 0 ? "a free port" : `port ${port}`;
  return hostname === undefined ? where : `${where} of ${hostname}`;
}
