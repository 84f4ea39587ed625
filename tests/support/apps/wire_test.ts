import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { App, Ask, Target } from "./app.ts";
import { assertSameAnswers } from "./compare.ts";
import { type Reply, Wire } from "./wire.ts";

/** What is sent, in this order, each piece as soon as the one before is through. */
type Pieces = readonly string[];

/** A server that answers each connection with these bytes, whatever it is asked. */
class Scripted implements Target, AsyncDisposable {
  url = "";
  /** The bytes that came. */
  received = "";
  readonly taken: string[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(pieces: Pieces): Promise<Scripted> {
    const scripted: Scripted = new Scripted(createServer((socket) => {
      socket.setEncoding("latin1").on("data", (text) => scripted.received += text);
      socket.once("data", () => send(socket, pieces));
    }));
    await once(scripted.#server.listen(0, "127.0.0.1"), "listening");
    scripted.url = `http://127.0.0.1:${(scripted.#server.address() as AddressInfo).port}`;
    return scripted;
  }

  connect(): Promise<Wire> {
    return Wire.open(this.url);
  }

  take(step: string): void {
    this.taken.push(step);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await once(this.#server, "close");
  }
}

async function send(socket: Socket, pieces: Pieces): Promise<void> {
  socket.setNoDelay(true);
  for (const piece of pieces) {
    await new Promise((resolve) => socket.write(piece, "latin1", resolve));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  socket.end();
}

async function asked(pieces: Pieces, ask: Partial<Ask> = {}): Promise<Reply> {
  await using server = await Scripted.start(pieces);
  using wire = await server.connect();
  return await wire.ask({ path: "/", status: 200, ...ask });
}

describe("an answer on the wire", () => {
  test("is given letter by letter, wherever it is torn", async () => {
    const whole = "HTTP/1.1 200 OK\r\nX-Mixed: A\r\nset-cookie: a\r\nset-cookie: b\r\n" +
      "Content-Length: 5\r\n\r\nhello";
    const expected = {
      head: [
        "HTTP/1.1 200 OK",
        "X-Mixed: A",
        "set-cookie: a",
        "set-cookie: b",
        "Content-Length: 5",
      ],
      body: "hello",
      trailers: [],
    };
    for (const at of [3, 16, 17, whole.length - 7, whole.length - 6, whole.length - 2]) {
      assertEquals(await asked([whole.slice(0, at), whole.slice(at)]), expected);
    }
  });

  test("in chunks is put together, with the fields behind it", async () => {
    const { body, trailers } = await asked([
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      ...["3\r\non", "e\r\n2;x=y\r\n\xc3\xbc\r", "\n0\r\nX-Sum: 1\r\n\r\n"],
    ]);
    assertEquals([body, trailers], ["one\xc3\xbc", ["X-Sum: 1"]]);
  });

  test("without a length goes to the end of the connection", async () => {
    assertEquals((await asked(["HTTP/1.1 200 OK\r\n\r\n", "a", "b"])).body, "ab");
  });

  test("to HEAD has no body, and neither have 204 and 304", async () => {
    const head = (status: string) => `HTTP/1.1 ${status}\r\nContent-Length: 5\r\n\r\n`;
    assertEquals((await asked([head("200 OK")], { method: "HEAD" })).body, "");
    for (const status of ["204 No Content", "304 Not Modified"]) {
      assertEquals((await asked([head(status)])).body, "");
    }
  });

  test("has what came before it", async () => {
    const { head, body } = await asked([
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
    ]);
    assertEquals([head[0], head[1], body], ["HTTP/1.1 100 Continue", "HTTP/1.1 200 OK", "x"]);
  });

  test("that ends too early is an error", async () => {
    for (
      const pieces of [
        ["HTTP/1.1 200 OK\r\nContent-Le"],
        ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"],
        ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n"],
      ]
    ) await assertRejects(() => asked(pieces), Error, "ended too early");
  });
});

test("a request is written as it was given, and its body with a length or in chunks", async () => {
  await using server = await Scripted.start(["HTTP/1.1 204 No Content\r\n\r\n"]);
  for (
    const [ask, expected] of [
      [{ path: "/ä?b" }, "GET /ä?b HTTP/1.1\r\nHost: app.test\r\n\r\n"],
      [
        { path: "/", method: "PUT", headers: { "X-A": "1" }, body: "ü" },
        "PUT / HTTP/1.1\r\nHost: app.test\r\nX-A: 1\r\nContent-Length: 2\r\n\r\n\xc3\xbc",
      ],
      [
        { path: "/", method: "POST", body: ["ü", "abc"] },
        "POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n" +
        "2\r\n\xc3\xbc\r\n3\r\nabc\r\n0\r\n\r\n",
      ],
    ] as const
  ) {
    server.received = "";
    using wire = await server.connect();
    await wire.ask({ status: 204, ...ask });
    assertEquals(server.received, expected);
  }
});

describe("two answers", () => {
  const app = (ask: Partial<Ask>, more: Partial<App> = {}): App => ({
    name: "none",
    packages: {},
    entry: "none.js",
    runtimes: { bun: true, deno: true },
    slow: "/slow",
    requests: [{ path: "/", status: 200, ...ask }],
    ...more,
  });
  const answer = (fields: string, body = "hello", status = "200 OK") => [
    `HTTP/1.1 ${status}\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`,
  ];
  const compare = async (one: Pieces, two: Pieces, subject = app({})) => {
    await using bare = await Scripted.start(one);
    await using other = await Scripted.start(two);
    await assertSameAnswers(subject, bare, other);
  };

  test("are the same but for dates and how long a connection is kept", async () => {
    await compare(
      answer("Date: Mon\r\nKeep-Alive: timeout=5\r\n"),
      answer("Date: Tue\r\nKeep-Alive: timeout=75\r\n"),
    );
    await compare(answer("", "id 1"), answer("", "id 2"), app({}, { varies: [/(?<=id )\d/g] }));
    await compare(answer("A: b\r\n"), answer("a: b\r\n"), app({}, { anyCase: "it may" }));
    await compare(answer("A: b\r\n"), answer("", "else"), app({ unlike: "it may" }));
  });

  const unlike: Record<string, [Pieces, Pieces]> = {
    "the letters of a field": [answer("A: b\r\n"), answer("a: b\r\n")],
    "the order of fields": [answer("A: b\r\nC: d\r\n"), answer("C: d\r\nA: b\r\n")],
    "a field more": [answer(""), answer("A: b\r\n")],
    "the reason": [answer(""), answer("", "hello", "200 Fine")],
    "the body": [answer(""), answer("", "hallo")],
    "the end of a long body": [answer("", "x".repeat(5000)), answer("", "x".repeat(4999) + "y")],
    "chunks for a length": [
      answer(""),
      ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"],
    ],
    "no answer": [answer(""), []],
  };
  for (const [name, [one, two]] of Object.entries(unlike)) {
    test(`differ by ${name}`, async () => {
      const { message } = await assertRejects(() => compare(one, two), Error);
      assertMatch(message, /GET \//);
    });
  }

  test("that are equally broken, or differ in nothing but what may, are no success", async () => {
    const broken = answer("", "oops", "500 Internal Server Error");
    await assertRejects(() => compare(broken, broken), Error, "by itself");
    await assertRejects(
      () => compare(answer(""), answer(""), app({ has: "bye" })),
      Error,
      "by itself",
    );
    const unlike = app({ unlike: "it may" });
    await assertRejects(() => compare(answer(""), broken, unlike), Error, "GET /");
  });

  test("of a stream: each part but the first is asked for when the one before has come", async () => {
    const head = "HTTP/1.1 200 OK\r\n\r\n";
    await using bare = await Scripted.start([head, "on", "e;", "two;", "three;"]);
    await using other = await Scripted.start([head, "one;two;", "three;"]);
    await assertSameAnswers(app({ parts: ["one", "two", "three"] }), bare, other);
    for (const { taken } of [bare, other]) assertEquals(taken, ["/#1", "/#2"]);
    await using short = await Scripted.start([head, "one;"]);
    await using same = await Scripted.start([head, "one;"]);
    await assertRejects(
      () => assertSameAnswers(app({ parts: ["one", "two"] }), short, same),
      Error,
      "two",
    );
  });
});
