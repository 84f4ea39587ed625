import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { Answer } from "./answer.ts";
import type { Outcome, Reused, Seen } from "./outcome.ts";
import type { Kind, Plan } from "./plan.ts";

/** A client that has not got its answer by then has been forgotten, in milliseconds. */
const patience = 30_000;

/** A connection that is open between requests. */
interface Idle {
  socket: Socket;
  /** The kind of the request before. */
  after: Kind;
  since: number;
}

/** Connections that are open between requests. */
export class Connections {
  /** What a new one tells when something can be sent on it. */
  readonly opened: "connect" | "secureConnect";
  readonly #port: number;
  readonly #idle: Idle[] = [];

  /** @param tls are they encrypted? */
  constructor(port: number, tls = false) {
    this.#port = port;
    this.opened = tls ? "secureConnect" : "connect";
  }

  /** One that is open, the longest idle first; or a new one, which `reused` says nothing of. */
  take(kept: boolean): { socket: Socket; reused?: Reused } {
    const idle = kept ? this.#idle.shift() : undefined;
    if (idle === undefined) {
      const address = { port: this.#port, host: "127.0.0.1" };
      const socket = this.opened === "connect"
        ? connect(address)
        : connectTls({ ...address, rejectUnauthorized: false });
      return { socket: socket.setNoDelay(true) };
    }
    const { socket, after, since } = idle;
    socket.removeAllListeners();
    return { socket, reused: { after, idle: Date.now() - since } };
  }

  /** For another request after one of this kind, unless the server closes it before. */
  keep(socket: Socket, after: Kind): void {
    socket.removeAllListeners();
    const idle: Idle = { socket, after, since: Date.now() };
    const gone = () => {
      const at = this.#idle.indexOf(idle);
      if (at >= 0) this.#idle.splice(at, 1);
      socket.destroy();
    };
    socket.on("error", gone);
    socket.on("end", gone);
    socket.on("close", gone);
    this.#idle.push(idle);
  }

  /** Closes those that are idle. */
  close(): void {
    for (const { socket } of this.#idle.splice(0)) socket.destroy();
  }
}

/** Does what the plan says, and tells what the client saw. Never rejects. */
export async function run(plan: Plan, connections: Connections): Promise<Outcome> {
  const upgrades = plan.kind === "socket" || plan.kind === "socketLeft";
  const { socket, reused } = connections.take(plan.kept && !upgrades);
  const answer = new Answer(plan.method, plan.version);
  const sent = Date.now();
  let fault: string | undefined;
  const ending = Promise.withResolvers<Seen>();
  const { resolve: ended } = ending;
  const conversation = upgrades ? new Conversation(socket) : undefined;

  socket.on("data", (bytes: Buffer) => {
    try {
      answer.push(bytes);
    } catch (error) {
      fault = String(error);
      ended("answer");
      return;
    }
    if (!answer.complete) return;
    if (conversation === undefined || answer.status !== 101) ended("answer");
    else if (conversation.goesOn(answer)) ended("answer");
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    ended(error.code === "ECONNREFUSED" ? "refused" : "reset");
  });
  const closed = () => {
    answer.end();
    ended(answer.complete && conversation === undefined ? "answer" : "closed");
  };
  socket.on("end", closed);
  socket.on("close", closed);

  const timers = [setTimeout(() => ended("silent"), patience)];
  // Who leaves before there is a connection has sent nothing.
  const connected = reused === undefined
    ? new Promise<void>((resolve) => socket.once(connections.opened, resolve))
    : Promise.resolve();
  if (plan.leaves !== undefined && plan.share === 1) {
    void connected.then(() => timers.push(setTimeout(() => ended("left"), plan.leaves)));
  }
  void send(plan, socket, connected, ended);
  const seen = await ending.promise;
  for (const timer of timers) clearTimeout(timer);

  if (seen === "answer" && fault === undefined) fault = wrong(plan, answer);
  if (seen === "answer" && conversation === undefined && plan.kept && answer.reusable) {
    connections.keep(socket, plan.kind);
  } else {
    socket.removeAllListeners();
    socket.on("error", () => {});
    socket.destroy();
  }
  return {
    id: plan.id,
    kind: plan.kind,
    seen,
    ...(answer.status === undefined ? {} : { status: answer.status }),
    meant: plan.status,
    sent,
    ended: Date.now(),
    ...(reused === undefined ? {} : { reused }),
    ...(fault === undefined ? {} : { fault }),
  };
}

/** What is wrong with a whole answer, but for its status. */
function wrong(plan: Plan, { headers }: Answer): string | undefined {
  const id = headers.get("x-id");
  if (id !== undefined && id !== String(plan.id)) return `the answer to request ${id}`;
}

async function send(
  plan: Plan,
  socket: Socket,
  connected: Promise<void>,
  ended: (seen: Seen) => void,
): Promise<void> {
  const { method, target, version, kept, size, chunked, over, share } = plan;
  const lines = [`${method} ${target} HTTP/${version}`];
  if (version === "1.1" || size > 0) lines.push("Host: soak");
  if (kept !== (version === "1.1")) lines.push(`Connection: ${kept ? "keep-alive" : "close"}`);
  if (plan.kind === "socket" || plan.kind === "socketLeft") {
    lines.push("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13");
    lines.push(`Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`);
  }
  if (method === "POST") {
    lines.push(chunked ? "Transfer-Encoding: chunked" : `Content-Length: ${size}`);
  }
  const head = `${lines.join("\r\n")}\r\n\r\n`;
  if (method !== "POST") {
    socket.write(head);
    return;
  }
  const cut = share < 1;
  const body = Math.floor(size * share);
  const pieces = over > 0 ? 5 : 1;
  socket.write(head);
  for (let piece = 0; piece < pieces; piece++) {
    if (piece > 0) await sleep(over / pieces);
    if (socket.destroyed) return;
    const from = Math.floor(body * piece / pieces);
    const bytes = Buffer.alloc(Math.floor(body * (piece + 1) / pieces) - from, "x");
    if (bytes.length === 0) continue;
    socket.write(chunked ? Buffer.concat([sizeLine(bytes), bytes, Buffer.from("\r\n")]) : bytes);
  }
  if (cut) {
    await connected;
    await sleep(plan.leaves);
    ended("left");
  } else if (chunked) socket.write("0\r\n\r\n");
}

function sizeLine(bytes: Buffer): Buffer {
  return Buffer.from(`${bytes.length.toString(16)}\r\n`);
}

/** Some messages that are to come back, and a proper end (RFC 6455); all frames are short. */
class Conversation {
  readonly #socket: Socket;
  readonly #messages = ["one", "two", "three"];
  #begun = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Takes what has come since the handshake. True when both sides have said goodbye. */
  goesOn(answer: Answer): boolean {
    if (!this.#begun) {
      this.#begun = true;
      this.#say();
    }
    for (;;) {
      const [first = 0, second = 0] = answer.rest;
      const length = second & 0x7f;
      if (answer.rest.length < 2 || answer.rest.length < 2 + length) return false;
      const payload = answer.rest.subarray(2, 2 + length);
      answer.rest = answer.rest.subarray(2 + length);
      const opcode = first & 0x0f;
      if (opcode === 8) {
        this.#socket.write(frame(8, payload));
        return true;
      }
      if (opcode === 9) this.#socket.write(frame(10, payload));
      if (opcode !== 1) continue;
      const expected = this.#messages.shift();
      if (payload.toString() !== expected) throw new Error(`an echo of ${payload} for ${expected}`);
      this.#say();
    }
  }

  #say(): void {
    const next = this.#messages[0];
    setTimeout(() => {
      if (this.#socket.destroyed) return;
      this.#socket.write(
        next === undefined ? frame(8, Buffer.from([3, 232])) : frame(1, Buffer.from(next)),
      );
    }, 50);
  }
}

/** A frame of a client: masked, here with zeroes. */
function frame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
