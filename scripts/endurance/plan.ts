/**
 * What a client is going to do. It follows from the seed and the request's number alone, so a run that
 * is repeated with its seed sends the same requests.
 *
 * @module
 */
import { Random } from "./random.ts";

/** The kinds of client, with how many of 1,000 requests are of each. */
export const kinds = {
  /** A short answer; some of them 404. */
  quick: 350,
  /** `HEAD`, which has no body. */
  head: 20,
  /** A file of `--static`. */
  file: 60,
  /** An answer that takes a while. */
  slow: 110,
  /** Leaves long before its answer. */
  left: 60,
  /** Leaves as soon as it has sent its request. */
  hasty: 20,
  /** An upload that is read. */
  upload: 100,
  /** An upload that comes in pieces. */
  trickle: 40,
  /** An upload that is cut off in the middle. */
  cut: 30,
  /** An upload that is refused unread. */
  refused: 50,
  /** An upload that is refused once it has been read. */
  rejected: 30,
  /** An upload that is longer than `--max-body-size`. */
  tooLarge: 8,
  /** An event stream that is read to its end. */
  stream: 40,
  /** An event stream that is left. */
  streamLeft: 20,
  /** An event stream that ends when its worker drains; its client does not wait for ever. */
  endless: 2,
  /** A WebSocket that is closed as it should be. */
  socket: 20,
  /** A WebSocket whose client is gone at once. */
  socketLeft: 10,
  /** A handler that throws. */
  throws: 15,
  /** A `Response` that has been sent before. */
  unsendable: 5,
  /** A handler that takes the event loop for itself. */
  block: 4,
  /** A promise that never settles, whose client waits. */
  never: 2,
  /** A promise that never settles, whose client leaves. */
  neverLeft: 4,
} as const;

/** The name of a kind of client. */
export type Kind = keyof typeof kinds;

/** What one client does. */
export interface Plan {
  id: number;
  kind: Kind;
  method: "GET" | "HEAD" | "POST";
  /** Path and query, with the id. */
  target: string;
  version: "1.0" | "1.1";
  /** Is the connection to be kept for another request? */
  kept: boolean;
  /** The length of the body; none for a GET. */
  size: number;
  /** Is the body sent in chunks, without its length? */
  chunked: boolean;
  /** Over how many milliseconds the body is sent; 0: at once. */
  over: number;
  /** After how many milliseconds the client leaves, if it does. */
  leaves?: number;
  /** How much of its body the client sends before it leaves; all unless given. */
  share: number;
  /** The status that the handler means to give. */
  status: number;
}

/** `--max-body-size`, in bytes. */
export const maxBodySize = 1024 * 1024;

/** Which of the options that clients depend on this Hurricane has. */
export interface Abilities {
  /** `--request-timeout`: a client that waits for ever gets 504. */
  requestTimeout: boolean;
}

/** What the client of this number does. */
export function planOf(
  seed: number,
  id: number,
  only: readonly Kind[],
  { requestTimeout }: Abilities,
): Plan {
  const random = new Random(seed, id);
  const choices = only.filter((kind) => kind !== "never" || requestTimeout);
  const kind = random.weighted(choices.map((kind) => [kind, kinds[kind]] as const));
  const version = random.chance(0.1) ? "1.0" : "1.1";
  const plan: Plan = {
    id,
    kind,
    method: "GET",
    target: "",
    version,
    kept: random.chance(0.7),
    size: 0,
    chunked: false,
    over: 0,
    share: 1,
    status: 200,
  };
  const path = (name: string, query: Record<string, number> = {}) => {
    plan.target = `/${name}?id=${id}` +
      Object.entries(query).map(([key, value]) => `&${key}=${value}`).join("");
  };
  const body = (most: number) => {
    plan.method = "POST";
    // Small ones are usual, and come with their head.
    plan.size = random.chance(0.4) ? random.whole(1, 1000) : random.whole(1000, most);
    plan.chunked = version === "1.1" && random.chance(0.3);
  };
  switch (kind) {
    case "quick":
    case "head":
      if (kind === "head") plan.method = "HEAD";
      if (random.chance(0.1)) plan.status = 404;
      path("quick", { status: plan.status });
      break;
    case "file":
      path("static/file.txt");
      break;
    case "slow":
      path("slow", { ms: random.whole(20, 1200) });
      break;
    case "left":
      plan.leaves = random.whole(1, 600);
      path("slow", { ms: plan.leaves + random.whole(500, 1500) });
      break;
    case "hasty":
      plan.leaves = 0;
      path("quick", { status: 200 });
      break;
    case "upload":
      body(300_000);
      path("upload");
      break;
    case "trickle":
      body(20_000);
      plan.over = random.whole(200, 2000);
      path("upload");
      break;
    case "cut":
      body(100_000);
      plan.share = random.next() * 0.9;
      plan.leaves = random.whole(1, 500);
      path("upload");
      break;
    case "refused":
      body(600_000);
      plan.status = random.chance(0.5) ? 413 : 400;
      path("refuse", { status: plan.status });
      break;
    case "rejected":
      body(300_000);
      plan.status = 400;
      path("reject", { status: plan.status });
      break;
    case "tooLarge":
      plan.method = "POST";
      plan.chunked = version === "1.1" && random.chance(0.3);
      plan.size = random.whole(maxBodySize + 1, 2 * maxBodySize);
      plan.status = 413;
      path("upload");
      break;
    case "stream":
      path("events", { count: random.whole(1, 8), ms: random.whole(5, 150) });
      break;
    case "streamLeft":
      plan.leaves = random.whole(1, 300);
      path("events", { count: 40, ms: 50 });
      break;
    case "endless":
      plan.leaves = random.whole(100, 25_000);
      path("endless");
      break;
    case "socket":
    case "socketLeft":
      plan.version = "1.1";
      plan.kept = false;
      plan.status = 101;
      if (kind === "socketLeft") plan.leaves = random.whole(1, 300);
      path("socket");
      break;
    case "throws":
      plan.status = 500;
      path("throw");
      break;
    case "unsendable":
      plan.status = 500;
      path("unsendable");
      break;
    case "block":
      path("block", { ms: random.whole(50, 300) });
      break;
    case "never":
      plan.status = 504;
      path("never");
      break;
    case "neverLeft":
      plan.status = 499;
      plan.leaves = random.whole(1, 1500);
      path("never");
      break;
  }
  return plan;
}
