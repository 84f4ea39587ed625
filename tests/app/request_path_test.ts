import { describe, test } from "node:test";
import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertMatch,
  assertStrictEquals,
} from "@std/assert";
import { pathOf, requestPath, type RequestPathOptions } from "../../src/app/request_path.ts";
import { RequestCounters } from "../../src/metrics/requests.ts";
import { runtime } from "../../src/runtime/mod.ts";
import { BodyTooLarge, type FetchHandler } from "../../src/runtime/runtime.ts";
import { CapturedLog } from "../support/captured_log.ts";

const request = new Request("http://handler/path?secret=1");

function wrapped(handler: unknown, options: Partial<RequestPathOptions> = {}) {
  const counters = new RequestCounters();
  const fetch = requestPath(handler as FetchHandler, {
    counters,
    metrics: true,
    upgrades: false,
    draining: { now: false },
    inspect: runtime.inspect,
    now: () => performance.now(),
    ...options,
  });
  return { counters, fetch };
}

function counted(counters: RequestCounters): string[] {
  return counters.snapshot().durations.map(({ method, status, buckets }) =>
    `${method} ${status} ${buckets.reduce((sum, count) => sum + count)}`
  );
}

function thrower(error: unknown): () => never {
  return () => {
    throw error;
  };
}

describe("an answer", () => {
  test("that is there at once is passed on without a promise", () => {
    const answer = new Response("x");
    const { counters, fetch } = wrapped(() => answer);
    assertStrictEquals(fetch(request, {}), answer);
    assertEquals([counters.inFlight, counted(counters)], [0, ["GET 200 1"]]);
  });

  for (const name of ["promise", "thenable"]) {
    test(`that comes in a ${name} is in flight until then`, async () => {
      const { promise, resolve } = Promise.withResolvers<Response>();
      const thenable = { then: promise.then.bind(promise) };
      const { counters, fetch } = wrapped(() => name === "promise" ? promise : thenable);
      const [first, second] = [fetch(request, {}), fetch(request, {})];
      assertEquals([counters.inFlight, counted(counters)], [2, []]);
      const answer = new Response(null, { status: 204 });
      resolve(answer);
      assertStrictEquals(await first, answer);
      await second;
      assertEquals([counters.inFlight, counted(counters)], [0, ["GET 204 2"]]);
    });
  }

  test("whose body still streams has been answered", () => {
    const { counters, fetch } = wrapped(() => new Response(new ReadableStream()));
    fetch(request, {});
    assertEquals(counters.inFlight, 0);
  });

  test("is given what the runtime gave", () => {
    const seen: unknown[] = [];
    const info = {};
    wrapped((...given: unknown[]) => (seen.push(...given), new Response())).fetch(request, info);
    assert(seen.length === 2 && seen[0] === request && seen[1] === info);
  });

  test("has its size counted where it is known", () => {
    const { counters, fetch } = wrapped((_: Request, length: string | null) =>
      new Response("x", { headers: length === null ? {} : { "content-length": length } })
    );
    for (const length of ["500", "nonsense", null]) fetch(request, length);
    const { sum, buckets } = counters.snapshot().bodySizes;
    assertEquals([sum, buckets.reduce((a, b) => a + b)], [500, 1]);
  });

  test("is looked at less often for its size after a thousand without, until one has it", () => {
    const { counters, fetch } = wrapped((_: Request, length: string | null) =>
      new Response("x", { headers: length === null ? {} : { "content-length": length } })
    );
    const sized = () => counters.snapshot().bodySizes.buckets.reduce((a, b) => a + b);
    for (let number = 0; number < 1000; number++) fetch(request, null);
    fetch(request, "1");
    assertEquals(sized(), 1);
    for (let number = 0; number < 1001; number++) fetch(request, null);
    for (let number = 0; number < 31; number++) fetch(request, "1");
    assertEquals(sized(), 1);
    for (let number = 0; number < 3; number++) fetch(request, "1");
    assertEquals(sized(), 4);
  });

  test("is not timed without metrics, but still in flight", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    const { counters, fetch } = wrapped(() => promise, { metrics: false });
    const answer = fetch(request, {});
    assertEquals(counters.inFlight, 1);
    resolve(new Response("x", { headers: { "content-length": "1" } }));
    await answer;
    assertEquals([counters.inFlight, counters.revision], [0, 0]);
  });

  test("with a body is in flight as such until it is answered", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    const { counters, fetch } = wrapped(() => promise);
    const url = "http://host/";
    const answers = ["GET", "HEAD", "POST", "DELETE"].map((method) =>
      fetch(new Request(url, { method }), {})
    );
    assertEquals([counters.inFlight, counters.bodiesInFlight], [4, 2]);
    resolve(new Response());
    await Promise.all(answers);
    assertEquals([counters.inFlight, counters.bodiesInFlight], [0, 0]);
  });

  test("counts by the method that the client sent, whatever the handler makes of it", async () => {
    const { counters, fetch } = wrapped((request: Request) => {
      Object.defineProperty(request, "method", { value: "GET" });
      return new Response();
    });
    await fetch(new Request("http://handler/", { method: "DELETE" }), {});
    assertEquals(counters.bodiesInFlight, 0);
    assertEquals(counted(counters), ["DELETE 200 1"]);
  });

  test("is told to whom wants to know", async () => {
    const told: unknown[] = [];
    const onAnswer: RequestPathOptions["onAnswer"] = (_request, method, client, status, seconds) =>
      told.push([method, client, status, seconds >= 0]);
    const clientOf = (_request: Request, info: unknown): string => `client of ${info}`;
    const made = () => new Response(null, { status: 201 });
    await wrapped(made, { onAnswer, clientOf }).fetch(request, "info");
    assertEquals(told, [["GET", "client of info", 201, true]]);
  });
});

describe("a failure", () => {
  const failures: Record<string, [() => unknown, RegExp]> = {
    "a throw": [thrower(new RangeError("secret")), /^GET \/path failed: RangeError: secret$/],
    "a throw of a text": [thrower("secret"), /: secret$/],
    "a rejection": [() => Promise.reject(new Error("secret")), /: Error: secret$/],
    "a rejection with nothing": [() => Promise.reject(), /: undefined$/],
    "undefined": [() => undefined, /the handler returned undefined, not a Response$/],
    "a promise of null": [() => Promise.resolve(null), /the handler returned null, not/],
    "a text": [() => "secret", /the handler returned string, not a Response$/],
  };
  for (const [name, [handler, message]] of Object.entries(failures)) {
    test(`${name} answers 500 without a word about it, and is logged`, async () => {
      using log = new CapturedLog();
      const { counters, fetch } = wrapped(handler);
      const answer = await fetch(request, {});
      assertEquals([answer?.status, await answer?.text()], [500, "Internal Server Error\n"]);
      assertEquals(answer?.headers.get("content-type"), "text/plain; charset=utf-8");
      assertEquals([counters.inFlight, counted(counters)], [0, ["GET 500 1"]]);
      assertEquals(log.levels, ["error"]);
      assertMatch(log.messages[0] ?? "", message);
      assertEquals(typeof log.records[0]?.properties["stack"], "string");
    });
  }

  test("of a body that was too large answers 413, and is no fault of the handler's", async () => {
    using log = new CapturedLog();
    const { counters, fetch } = wrapped(() => Promise.reject(new BodyTooLarge(10)));
    const answer = await fetch(request, {});
    assertEquals([answer?.status, await answer?.text()], [413, "Payload Too Large\n"]);
    assertEquals([counters.inFlight, counted(counters)], [0, ["GET 413 1"]]);
    assertEquals(log.levels, ["warn"]);
    assertMatch(log.messages[0] ?? "", /longer than 10 bytes/);
  });

  const onErrors: Record<string, RequestPathOptions["onError"]> = {
    "at once": (error) => new Response(String(error), { status: 418 }),
    "later": (error) => Promise.resolve(new Response(String(error), { status: 418 })),
  };
  for (const [when, onError] of Object.entries(onErrors)) {
    const failing = { "a throw": thrower("x"), "a rejection": () => Promise.reject("x") };
    for (const [name, handler] of Object.entries(failing)) {
      test(`${name} is answered by the handler's own error function, ${when}`, async () => {
        using log = new CapturedLog();
        const { counters, fetch } = wrapped(handler, { onError: onError! });
        const answer = await fetch(request, {});
        assertEquals([answer?.status, await answer?.text()], [418, "x"]);
        assertEquals([counters.inFlight, counted(counters)], [0, ["GET 418 1"]]);
        assertEquals(log.messages, ["GET /path failed: x"]);
      });
    }
  }

  const badOnErrors: Record<string, () => unknown> = {
    throws: thrower(new Error("again")),
    rejects: () => Promise.reject(new Error("again")),
    "returns nothing": () => undefined,
  };
  for (const [how, onError] of Object.entries(badOnErrors)) {
    test(`whose own error function ${how} answers 500`, async () => {
      using log = new CapturedLog();
      const { counters, fetch } = wrapped(thrower("x"), { onError: onError as () => Response });
      assertEquals((await fetch(request, {}))?.status, 500);
      assertEquals([counters.inFlight, counted(counters)], [0, ["GET 500 1"]]);
      assertEquals(log.levels, ["error", "error"]);
    });
  }

  test("is answered by an error function that has the server as this", async () => {
    using _log = new CapturedLog();
    function onError(this: unknown): Response {
      return new Response(String(this));
    }
    const { fetch } = wrapped(thrower("x"), { onError });
    assertEquals(await (await fetch(request, "the server"))?.text(), "the server");
  });
});

describe("an upgrade", () => {
  test("is an answer where WebSockets are there", () => {
    const { counters, fetch } = wrapped(() => undefined, { upgrades: true });
    assertEquals(fetch(request, {}), undefined);
    assertEquals([counters.inFlight, counted(counters)], [0, ["GET 101 1"]]);
  });
});

describe("--max-inflight", () => {
  const gate = () => Promise.withResolvers<Response>();

  test("refuses a further request at once, and never calls the handler for it", async () => {
    const gates = [gate(), gate()];
    let calls = 0;
    const handler = () => gates[calls++]?.promise ?? new Response("x");
    const { counters, fetch } = wrapped(handler, { maxInflight: 2 });
    const held = [fetch(request, {}), fetch(request, {})];
    const refused = fetch(request, {});
    assertInstanceOf(refused, Response);
    assertEquals([refused.status, await refused.text()], [503, "Service Unavailable\n"]);
    assertEquals(refused.headers.get("retry-after"), "1");
    assertEquals(refused.headers.get("content-type"), "text/plain; charset=utf-8");
    assertEquals([calls, counters.inFlight, counters.snapshot().shed], [2, 2, 1]);
    gates[0]?.resolve(new Response("done"));
    await held[0];
    assertEquals([(await fetch(request, {}))?.status, calls], [200, 3]);
    gates[1]?.resolve(new Response("done"));
    await held[1];
    assertEquals(counters.inFlight, 0);
    assertEquals(counted(counters), ["GET 200 3", "GET 503 1"]);
    assertEquals(counters.snapshot().shed, 1);
  });

  test("lets any number through one after the other, and none is refused without it", () => {
    const limited = wrapped(() => new Response("x"), { maxInflight: 1 });
    const unlimited = wrapped(() => new Promise(() => {}));
    for (let n = 0; n < 100; n++) {
      limited.fetch(request, {});
      unlimited.fetch(request, {});
    }
    assertEquals(counted(limited.counters), ["GET 200 100"]);
    assertEquals([unlimited.counters.inFlight, unlimited.counters.snapshot().shed], [100, 0]);
  });

  test("counts for all handlers that share the counters", () => {
    const counters = new RequestCounters();
    const slow = wrapped(() => new Promise(() => {}), { counters, maxInflight: 1 });
    const quick = wrapped(() => new Response("x"), { counters, maxInflight: 1 });
    slow.fetch(request, {});
    quick.fetch(request, {});
    assertEquals([counters.inFlight, counters.snapshot().shed], [1, 1]);
  });

  test("tells whom wants to know, and asks the client to go while draining", () => {
    const told: unknown[] = [];
    const onAnswer: RequestPathOptions["onAnswer"] = (_request, method, client, status, seconds) =>
      told.push([method, client, status, seconds >= 0]);
    const never = () => new Promise(() => {});
    const draining = { now: true };
    const clientOf = (_request: Request, info: unknown): string => `client of ${info}`;
    const { fetch } = wrapped(never, { maxInflight: 1, onAnswer, clientOf, draining });
    fetch(request, "info");
    const refused = fetch(request, "info");
    assertInstanceOf(refused, Response);
    assertEquals(refused.headers.get("connection"), "close");
    assertEquals(told, [["GET", "client of info", 503, true]]);
  });

  test("counts nothing without metrics", () => {
    const never = () => new Promise(() => {});
    const { counters, fetch } = wrapped(never, { maxInflight: 1, metrics: false });
    fetch(request, {});
    fetch(request, {});
    assertEquals([counters.inFlight, counters.revision], [1, 0]);
  });
});

describe("pathOf", () => {
  const paths: Record<string, string> = {
    "http://host/": "/",
    "http://host": "/",
    "http://host:80/a/b?c=/d": "/a/b",
    "http://host/a#b?c": "/a",
    "http://host/a//b": "/a//b",
    "/a?b": "/a",
    "//a": "//a",
  };
  for (const [url, path] of Object.entries(paths)) {
    test(`of ${url} is ${path}`, () => {
      assertEquals(pathOf(url), path);
    });
  }
});

describe("draining", () => {
  const answers: Record<string, () => Response> = {
    "a plain one": () => new Response("x"),
    "one whose headers cannot be changed": () => Response.redirect("http://elsewhere/"),
  };
  for (const [name, handler] of Object.entries(answers)) {
    test(`asks the client of an answer to go: ${name}`, async () => {
      const draining = { now: false };
      const { fetch } = wrapped(handler, { draining });
      const before = await fetch(request, {});
      assertFalse(before?.headers.has("connection"));
      draining.now = true;
      const answer = await fetch(request, {});
      assertEquals(answer?.headers.get("connection"), "close");
      assertEquals([answer?.status, await answer?.text()], [before?.status, await before?.text()]);
    });
  }
});
