/**
 * Clients that open connections and send nothing, half a request, or a request byte by byte.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { connect, type Socket } from "node:net";
import { form, type Hurricane, runtime, serve } from "../support/hurricane.ts";
import { eventually } from "../support/wait.ts";

const handler = `export default { fetch: () => new Response("here") };`;

/** A connection, and when it has been closed by the other side. */
class Client implements Disposable {
  readonly #socket: Socket;
  readonly #dripping: ReturnType<typeof setInterval> | undefined;
  closed = false;

  constructor(url: string, text: string, drip = "") {
    const { hostname, port } = new URL(url);
    this.#socket = connect(Number(port), hostname);
    this.#socket.on("error", () => {}).on("close", () => this.closed = true).resume();
    if (text !== "") this.#socket.write(text);
    if (drip !== "") this.#dripping = setInterval(() => this.#socket.write(drip), 300);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#dripping);
    this.#socket.destroy();
  }
}

const half = "GET / HTTP/1.1\r\nHost: te";
const whole = "GET /live HTTP/1.1\r\nHost: test\r\n\r\n";

/** What a client does, and the text that comes at once and then again and again. */
const faults: Record<string, [string, string?]> = {
  "sends nothing": [""],
  "sends half a request": [half],
  "sends a request byte by byte": [half, "x"],
  "is idle after an answer": [whole],
  "sends half a request after an answer": [whole + half],
};

async function allClosed(url: string, among = faults): Promise<void> {
  const clients = Object.entries(among).map(([name, [text, drip]]) => ({
    name,
    client: new Client(url, text, drip),
  }));
  try {
    for (const { name, client } of clients) {
      await eventually(`the end of a client that ${name}`, () => client.closed);
    }
  } finally {
    for (const { client } of clients) client[Symbol.dispose]();
  }
}

/** Opens many connections, and leaves them open. */
function flood(url: string, count: number): Client[] {
  return Array.from({ length: count }, () => new Client(url, half));
}

describe(`slow clients (${form})`, () => {
  test("no connection to the probes stays open without an answer", async () => {
    await using hurricane = await serve(handler, { args: ["--check-timeout", "1s"] });
    await allClosed(hurricane.probeUrl("/"));
    assertEquals((await hurricane.probe("/ready")).status, 200);
    assertEquals(await hurricane.stop(), 0);
  });

  test("a thousand half requests leave probes their descriptors", async () => {
    await using hurricane = await serve(handler, { under: ["prlimit", "--nofile=512:512"] });
    const clients: Client[] = [];
    try {
      for (let round = 0; round < 2; round++) {
        clients.push(...flood(hurricane.probeUrl("/"), 500));
        await probed(hurricane);
      }
      await eventually(
        "most of them to be closed",
        () => clients.filter(({ closed }) => !closed).length <= 128,
      );
      assertEquals((await hurricane.probe("/ready")).status, 200);
      assertEquals((await hurricane.get("/")).text, "here");
    } finally {
      for (const client of clients) client[Symbol.dispose]();
    }
    assertEquals(await hurricane.stop(), 0);
  });

  test("nor does one to the handler, with --idle-timeout", async () => {
    await using hurricane = await serve(handler, { args: ["--idle-timeout", "1s"] });
    // Bun 1.4 has no limit for what comes byte by byte.
    const { "sends a request byte by byte": _trickling, ...others } = faults;
    await allClosed(hurricane.url(), runtime === "bun" ? others : faults);
    assertEquals((await hurricane.get("/")).text, "here");
    assertEquals(await hurricane.stop(), 0);
  });
});

/** Asks until a probe is answered: of a flood it may have to wait for the next look. */
async function probed(hurricane: Hurricane): Promise<void> {
  await eventually("an answered probe", async () => {
    const answer = await hurricane.probe("/ready").catch(() => undefined);
    return answer?.status === 200;
  });
}
