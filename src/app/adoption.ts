import type { Server } from "node:http";
import { describe } from "../errors.ts";
import { logger } from "../log.ts";
import type { AdoptedAddress, HeldServer } from "../runtime/mod.ts";
import { adoptionGrace, importPatience } from "../timeline.ts";
import { FurtherListenError } from "./listen_error.ts";
import { remarks } from "./remarks.ts";
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
 * own `listen` is imported only when its server listens: so it is told that after a moment, before it is
 * known which one is adopted. The others are left alone, and listen where they were asked to.
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
    this.#grace ??= setTimeout(() => this.#goOn(), adoptionGrace);
  };

  /**
   * A module that waits for its server to listen is told that it does, so that its import goes on: what it
   * does afterwards may decide. One that waits for its server to end gets that adopted.
   */
  #goOn(): void {
    const awaited = this.#waiting.find((server) => server.awaited && !server.withdrawn);
    if (awaited !== undefined) return this.#choose(awaited);
    for (const server of this.#waiting) {
      const { answers, asked: { hostname = "::", port = 0 }, withdrawn } = server;
      if ("node" in answers && !withdrawn) server.pretend({ hostname, port, scheme: "http" });
    }
    this.#grace = setTimeout(() => this.first(), importPatience);
  }

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
    if (asked.port === port) remarks.info("the handler's {opener} is adopted", { opener });
    else {
      remarks.info("the handler's {opener} is adopted; {address} gives way to --port {port}", {
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
      if (server === this.#choice || server.withdrawn) continue;
      try {
        this.#further(server);
      } catch (error) {
        // The module's own call has returned long ago.
        log.error("the handler's {opener} on {address} cannot listen: {error}", {
          opener: server.opener,
          address: addressOf(server),
          error: describe(error),
        });
      }
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
    // One that wants Hurricane's own port gets an error, as any second one would.
    if ("node" in server.answers) watchStart(server, server.answers.node);
    server.release(port !== this.#options.port && port !== this.#at?.port);
    const isMeant = this.#choice?.asked.port === this.#options.port ||
      this.#options.adoptPort !== undefined || this.#choice === undefined;
    remarks.info("the handler also opens {opener} on {address}, which is left as it is{hint}", {
      hint: isMeant ? "" : " (--adopt-port chooses another one)",
      opener: server.opener,
      address: addressOf(server),
    });
  }
}

/** Says what is wrong where a server cannot listen and nobody listens to that: its stack would be Hurricane's. */
function watchStart(held: HeldServer, server: Server): void {
  const failed = (error: NodeJS.ErrnoException): void => {
    server.off("listening", started);
    if (server.listenerCount("error") > 0) return;
    throw new FurtherListenError(held.opener, addressOf(held), error);
  };
  const started = (): void => void server.off("error", failed);
  server.once("error", failed);
  server.once("listening", started);
}

/** Where a server was asked to listen, for a person. */
export function addressOf({ asked: { port, hostname, notTcp } }: HeldServer): string {
  if (notTcp !== undefined) return notTcp;
  const where = port === undefined || port === 0 ? "a free port" : `port ${port}`;
  return hostname === undefined ? where : `${where} of ${hostname}`;
}
