import { Connection } from "../http.ts";
import { eventually, pause } from "../wait.ts";
import type { Service } from "./service.ts";

/** Between two requests of a client, in milliseconds. */
const breath = 80;

/** How many clients there are of each kind. */
const clientsOfEach = 2;

/** How long an upload is, in bytes: more than fits into one packet. */
const upload = 100_000;

/** What clients do: whether they keep their connection, and what they send. */
const kinds = {
  "GET, new": { path: "/", kept: false },
  "GET, kept": { path: "/", kept: true },
  "POST read, new": { path: "/read", kept: false },
  "POST read, kept": { path: "/read", kept: true },
  "POST unread, new": { path: "/unread", kept: false },
  "POST unread, kept": { path: "/unread", kept: true },
} as const;

/** A kind of client. */
export type Kind = keyof typeof kinds;

/** All of them. */
export const allKinds = Object.keys(kinds) as Kind[];

/** How many clients there are, and so requests at most at one moment. */
export const clientCount = allKinds.length * clientsOfEach;

/** What became of the requests of one kind of client. */
export class Tally {
  answered = 0;
  /** How many failed, by how. */
  readonly failures = new Map<string, number>();

  get failed(): number {
    return [...this.failures.values()].reduce((sum, count) => sum + count, 0);
  }
}

/** Clients of all kinds, each of which asks a Service one thing after the other. Nothing is asked twice. */
export class Clients implements AsyncDisposable {
  readonly tallies: ReadonlyMap<Kind, Tally>;
  readonly #service: Service;
  readonly #running: Promise<unknown>;
  #stopping = false;

  constructor(service: Service) {
    this.#service = service;
    this.tallies = new Map(allKinds.map((kind) => [kind, new Tally()]));
    this.#running = Promise.all(
      allKinds.flatMap((kind) =>
        Array.from({ length: clientsOfEach }, () => this.#run(kind, this.#tally(kind)))
      ),
    );
  }

  /** Waits until so many more requests of each kind were answered. */
  async more(count: number, of: readonly Kind[] = allKinds): Promise<void> {
    const wanted = of.map((kind) => ({ kind, answered: this.#tally(kind).answered + count }));
    await eventually(
      `${count} more answers of each kind`,
      () => wanted.every(({ kind, answered }) => this.#tally(kind).answered >= answered),
    ).catch((error) => {
      throw new Error(`${error.message}; there were: ${this.text}`);
    });
  }

  /** How many requests have failed, and how, of some kinds. */
  failures(of: readonly Kind[] = allKinds): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const kind of of) {
      for (const [how, count] of this.#tally(kind).failures) sums[how] = (sums[how] ?? 0) + count;
    }
    return sums;
  }

  /** What there was, for messages. */
  get text(): string {
    return [...this.tallies].map(([kind, { answered, failures }]) =>
      `${kind}: ${answered} answered${
        [...failures].map(([how, count]) => `, ${count} ${how}`).join("")
      }`
    ).join("; ");
  }

  /** Lets them finish what they ask. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #tally(kind: Kind): Tally {
    return this.tallies.get(kind) as Tally;
  }

  async #run(kind: Kind, tally: Tally): Promise<void> {
    const { path, kept } = kinds[kind];
    let client: Client | undefined;
    while (!this.#stopping) {
      try {
        client = client?.isOpen ? client : await Client.open(this.#service);
        await client.ask(path, kept);
        tally.answered++;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        tally.failures.set(error.message, (tally.failures.get(error.message) ?? 0) + 1);
      }
      await pause(breath);
    }
    client?.close();
  }
}

/** How a request failed. */
class Failure extends Error {}

/** There was a connection, and no answer: it was closed or reset, or nothing came. */
const lost = "lost";

/** One connection, which is used as long as both sides want. */
class Client {
  readonly #connection: Connection;
  #open = true;

  private constructor(connection: Connection) {
    this.#connection = connection;
    void connection.closed.then(() => this.#open = false);
  }

  static async open(service: Service): Promise<Client> {
    const pod = service.next();
    if (pod === undefined) throw new Failure("no endpoint");
    try {
      return new Client(await Connection.open(pod.url()));
    } catch (error) {
      const { code = String(error) } = error as NodeJS.ErrnoException;
      throw new Failure(code === "ECONNRESET" ? lost : code);
    }
  }

  /** Has neither side closed? */
  get isOpen(): boolean {
    return this.#open;
  }

  close(): void {
    this.#open = false;
    this.#connection.close();
  }

  async ask(path: string, keep: boolean): Promise<void> {
    const headers: Record<string, string> = keep ? {} : { Connection: "close" };
    if (path === "/") this.#connection.send(path, headers);
    else this.#connection.post(path, upload, headers);
    const answer = await this.#connection.answer().catch(() => undefined);
    if (answer === undefined) {
      this.close();
      throw new Failure(lost);
    }
    if (!keep || answer.headers.connection?.toLowerCase() === "close") this.close();
    if (answer.status !== 200) throw new Failure(`status ${answer.status}`);
  }
}
