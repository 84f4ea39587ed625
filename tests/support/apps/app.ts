/**
 * What a test says of a real application: what it is made of, and what it is asked.
 *
 * @module
 */
import type { Wire } from "./wire.ts";

/** What an application runs on without Hurricane. */
export type Runtime = "bun" | "deno";

/** One request of HTTP/1.1, sent as it is written here. */
export interface Ask {
  path: string;
  /** Default `GET`. */
  method?: string;
  /** Besides `Host`, and what says how long the body is. */
  headers?: Record<string, string>;
  /** Several pieces are sent in chunks (RFC 9112 §7.1). */
  body?: string | readonly string[];
  /** What the application is known to answer: two that are equally broken would be the same otherwise. */
  status: number;
  /** Why the answer under Hurricane is another: nothing but the status is compared then. */
  unlike?: string;
  /** A part of the body that is known as well. */
  has?: string;
  /**
   * The parts of a stream. The application waits for the step with the name of the path before each part
   * but the first (see `steps.js`), and the step is taken when the part before has arrived: one that is
   * held back anywhere ends the test.
   */
  parts?: readonly string[];
}

/** A running application, whoever serves it. */
export interface Target {
  /** `http://127.0.0.1:3000` or `https://…`. */
  url: string;
  /** A new connection. */
  connect(): Promise<Wire>;
  /** Lets the application go on where it waits for this step. */
  take(step: string): void;
}

/** A real application, laid out in `tests/apps/NAME/`. */
export interface App {
  /** Its folder. */
  name: string;
  /** What tells it from others that lie in the same folder, and have the same packages and build. */
  variant?: string;
  /** From npm, each with an exact version. */
  packages: Record<string, string>;
  /** More of its package.json. Without it a module is an ES module. */
  manifest?: Record<string, unknown>;
  /** Commands that make what is served, run in its folder one after the other; `bun` is the pinned one. */
  build?: readonly (readonly string[])[];
  /** What is served, in its folder. */
  entry: string | Record<Runtime, string>;
  /**
   * How it is started without Hurricane, with the port in the variable `PORT`; `{entry}` and `{port}` stand
   * for theirs. Default `bun {entry}` and `deno run -A {entry}`.
   */
  bare?: Partial<Record<Runtime, readonly string[]>>;
  /**
   * How `hurricane build` makes one executable of it: the arguments, and what there is to copy of its folder
   * (default: all). That answers the same where nothing lies beside it, and its sources are gone.
   */
  executable?: { args: readonly string[]; folder?: string };
  /** What it runs on by itself, or why it does not. */
  runtimes: Record<Runtime, true | string>;
  /** Why it is tested only where it is named. */
  heavy?: string;
  /**
   * The address that it listens on by itself, which Hurricane is told: what it sees of clients depends on
   * it. Default `::`, all of IPv6 and IPv4.
   */
  host?: string;
  /** More variables of its environment. */
  env?: Record<string, string>;
  /** Those that it has only without Hurricane; `{port}` stands for the port. */
  bareEnv?: Record<string, string>;
  /** More arguments of `hurricane serve`. */
  args?: readonly string[];
  /** The certificate to trust, in PEM, where it speaks TLS. */
  ca?: string;
  requests: readonly Ask[];
  /** A path that is answered with 200 when the step of its name is taken. */
  slow: string;
  /** Where it takes a WebSocket, which says something at once; and the subprotocol that it insists on. */
  socket?: { path: string; protocol?: string };
  /** What it writes by its own means when it ends by SIGTERM, once nothing is in flight. */
  farewell?: string;
  /** Conversations that last until the application goes: each is opened, and gives its end. */
  lasting?: Record<string, (at: Target) => Promise<{ ended: Promise<unknown> }>>;
  /** Longer conversations; what each gives must be the same whoever serves. */
  talks?: Record<string, (at: Target) => Promise<unknown>>;
  /** Why names of fields may be in other letters under Hurricane: `content-type` for `Content-Type`. */
  anyCase?: string;
  /** What no two runs have in common, in heads and bodies. */
  varies?: readonly RegExp[];
}
