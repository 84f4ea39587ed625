import { describe, test } from "node:test";
import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertMatch,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { PendingRequests } from "../../src/app/pending_requests.ts";
import { requestPath } from "../../src/app/request_path.ts";
import type { RequestPathOptions } from "../../src/app/request_path_options.ts";
import { ThrownErrors } from "../../src/app/thrown_errors.ts";
import { RequestCounters } from "../../src/metrics/requests.ts";
import { runtime } from "../../src/runtime/mod.ts";
import { BodyTooLarge, type FetchHandler } from "../../src/runtime/runtime.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { eventually } from "../support/wait.ts";

const request = new Request("http://handler/path?secret=1");

function wrapped(
  handler: unknown,
  options: Partial<RequestPathOptions> & { timeout?: number } = {},
) {
  const counters = new RequestCounters();
  const errors = new ThrownErrors();
  const { timeout, ...given } = options;
  const now = () => performance.now();
  const path = requestPath(handler as FetchHandler, {
    counters,
    metrics: true,
    upgraded: () => false,
    errors,
    draining: { now: false },
    inspect: runtime.inspect,
    now,
    pending: new PendingRequests({ now, timeout }),
    ...given,
  });
  const thrown: unknown[] = [];
  /** What the runtime's error function does. */
  const caught = (error: unknown): Response => {
    thrown.push(error);
    const answer = errors.take(error);
    if (answer === undefined) throw error;
    return answer;
  };
  const fetch: FetchHandler = (request, info) => {
    try {
      const answer = path(request, info);
      return answer instanceof Promise ? answer.catch(caught) : answer;
    } catch (error) {
      return caught(error);
    }
  };
  return { counters, fetch, thrown };
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
    "an application": [
      () => ({ listen() {} }),
      /returned object, not a Response; it seems to make an application: export what it makes/,
    ],
    "a function": [() => () => {}, /returned function, not a Response; it seems to make an app/],
    "a text": [() => "secret", /the handler returned string, not a Response$/],
    "what only looks like one": [
      () => Object.create(Response.prototype) as unknown,
      /returned an object that has the prototype of a Response and is none, such as a Proxy; return the/,
    ],
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
      const stack = String(log.records[0]?.properties["stack"]);
      assertEquals(/not a Response/.test(stack) && /\n\s+at /.test(stack), false, stack);
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

describe("what a handler throws", () => {
  const error = new Error("no");
  const handlers = { "at once": thrower(error), "later": () => Promise.reject(error) };
  const onErrors = { "": undefined, ", with an error function of its own": () => new Response() };
  for (const [when, handler] of Object.entries(handlers)) {
    for (const [how, onError] of Object.entries(onErrors)) {
      test(`${when} reaches the runtime, each time${how}`, async () => {
        using _log = new CapturedLog();
        const { fetch, thrown } = wrapped(handler, onError === undefined ? {} : { onError });
        const answers = [await fetch(request, {}), await fetch(request, {})];
        assertEquals(answers.map((answer) => answer?.status), Array(2).fill(onError ? 200 : 500));
        assert(answers[0] !== answers[1]);
        assertEquals(thrown.length, 2);
        assert(thrown.every((one) => one === error));
      });
    }
  }

  test("is answered here for the second of two that fail with the same error at once", async () => {
    using _log = new CapturedLog();
    const { fetch, thrown } = wrapped(() => Promise.reject(error));
    const answers = await Promise.all([fetch(request, {}), fetch(request, {})]);
    assertEquals(answers.map((answer) => answer?.status), [500, 500]);
    assert(answers[0] !== answers[1]);
    assertEquals(thrown.length, 1);
  });

  test("has an answer of its own, also where nobody has taken that of one before", async () => {
    const errors = new ThrownErrors();
    // Bun does not ask for the answer where the client has left meanwhile.
    assertThrows(() => errors.throw(error, new Response("first")));
    await new Promise((resolve) => setImmediate(resolve));
    assertEquals(errors.take(error), undefined);
    assertThrows(() => errors.throw(error, new Response("second")));
    assertEquals(await errors.take(error)?.text(), "second");
    assertEquals(errors.take(error), undefined);
  });

  for (const [when, handler] of Object.entries(handlers)) {
    for (const [how, onError] of Object.entries(onErrors)) {
      test(`${when} after its request has become a WebSocket stays here${how}`, async () => {
        using log = new CapturedLog();
        const { counters, fetch, thrown } = wrapped(handler, {
          upgraded: () => true,
          ...onError === undefined ? {} : { onError },
        });
        assertEquals(await fetch(request, {}), undefined);
        assertEquals([counted(counters), thrown, counters.inFlight], [["GET 101 1"], [], 0]);
        assertEquals(log.levels, ["error"]);
      });
    }
  }

  test("reaches the runtime also where its own error function fails", async () => {
    using _log = new CapturedLog();
    const { fetch, thrown } = wrapped(thrower(error), { onError: thrower(new Error("again")) });
    assertEquals((await fetch(request, {}))?.status, 500);
    assertStrictEquals(thrown[0], error);
  });

  test("is answered here where it is no object, which could not be known again", async () => {
    using _log = new CapturedLog();
    const { fetch, thrown } = wrapped(thrower("no"));
    assertEquals([(await fetch(request, {}))?.status, thrown], [500, []]);
  });
});

describe("a Response that cannot be sent", () => {
  const unsendable: Record<string, [() => Promise<Response>, RegExp]> = {
    "has been read": [async () => {
      const answer = new Response("x");
      await answer.text();
      return answer;
    }, /whose body has been read or sent already/],
    "is Response.error()": [() => Promise.resolve(Response.error()), /status 0/],
  };
  for (const [name, [make, message]] of Object.entries(unsendable)) {
    test(`as it ${name} is a 500 that says why in the log`, async () => {
      using log = new CapturedLog();
      const told: unknown[] = [];
      const onAnswer: RequestPathOptions["onAnswer"] = (_request, _method, _client, status) =>
        told.push(status);
      const { counters, fetch, thrown } = wrapped(make, { onAnswer });
      assertEquals((await fetch(request, {}))?.status, 500);
      assertEquals([counters.inFlight, counted(counters), told], [0, ["GET 500 1"], [500]]);
      assertMatch(log.messages[0] ?? "", message);
      assertInstanceOf(thrown[0], TypeError);
    });
  }

  test("is a 500 also where the error function makes it", async () => {
    using _log = new CapturedLog();
    const { counters, fetch } = wrapped(thrower("x"), { onError: () => Response.error() });
    assertEquals([(await fetch(request, {}))?.status, counted(counters)], [500, ["GET 500 1"]]);
  });
});

describe("a client that leaves", () => {
  /** A request whose client can leave. */
  function leaving(method = "GET") {
    const controller = new AbortController();
    const init = { method, signal: controller.signal };
    return { request: new Request("http://handler/path", init), leave: () => controller.abort() };
  }

  test("ends its request, which gets status 499 and takes no place any more", async () => {
    const { promise } = Promise.withResolvers<Response>();
    const told: unknown[] = [];
    const onAnswer: RequestPathOptions["onAnswer"] = (_request, method, client, status, seconds) =>
      told.push([method, client, status, seconds >= 0]);
    const clientOf = (_request: Request, info: unknown): string => `client of ${info}`;
    const { counters, fetch } = wrapped(() => promise, { onAnswer, clientOf, maxInflight: 2 });
    const { request, leave } = leaving("POST");
    const stays = leaving();
    fetch(request, "info");
    fetch(stays.request, "info");
    assertEquals([counters.inFlight, counters.bodiesInFlight], [2, 1]);
    leave();
    await eventually("one in flight", () => counters.inFlight === 1);
    assertEquals([counters.bodiesInFlight, counters.abandoned, counters.answered], [0, 1, 1]);
    assertEquals(counted(counters), ["POST 499 1"]);
    assertEquals(told, [["POST", "client of info", 499, true]]);
  });

  const lateEnds: Record<string, [(settle: PromiseWithResolvers<Response>) => void, string[]]> = {
    "an answer": [({ resolve }) => resolve(new Response("x")), []],
    "an answer whose body is used": [({ resolve }) => {
      const answer = new Response("x");
      answer.body?.getReader();
      resolve(answer);
    }, []],
    "what an aborted fetch throws": [
      ({ reject }) => reject(new DOMException("aborted", "AbortError")),
      [],
    ],
    "an error": [({ reject }) => reject(new Error("late")), ["GET /path failed: Error: late"]],
  };
  for (const [name, [end, messages]] of Object.entries(lateEnds)) {
    test(`and a handler that settles later, with ${name}, count once`, async () => {
      using log = new CapturedLog();
      const gate = Promise.withResolvers<Response>();
      const { counters, fetch, thrown } = wrapped(() => gate.promise);
      const { request, leave } = leaving();
      const answer = fetch(request, {});
      leave();
      await eventually("it given up", () => counters.inFlight === 0);
      end(gate);
      assertEquals((await answer)?.status, 499);
      assertEquals([counters.inFlight, counters.abandoned, counters.answered], [0, 0, 1]);
      assertEquals(counted(counters), ["GET 499 1"]);
      assertEquals([log.messages, thrown], [messages, []]);
    });
  }

  test("is no error of a handler that heard of it first", async () => {
    using log = new CapturedLog();
    const handler = ({ signal }: Request) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const { counters, fetch, thrown } = wrapped(handler);
    const { request, leave } = leaving();
    const answer = fetch(request, {});
    leave();
    await answer;
    assertEquals([counters.inFlight, counters.abandoned], [0, 0]);
    assertEquals([counted(counters), log.messages, thrown], [["GET 499 1"], [], []]);
  });

  test("is not taken for the reason of any other AbortError", async () => {
    using log = new CapturedLog();
    const { counters, fetch } = wrapped(() => Promise.reject(new DOMException("x", "AbortError")));
    const { request, leave } = leaving();
    assertEquals((await fetch(request, {}))?.status, 500);
    leave();
    assertEquals([counted(counters), log.messages.length], [["GET 500 1"], 1]);
  });

  test("has its unwanted body cancelled", async () => {
    const gate = Promise.withResolvers<Response>();
    const cancelled = Promise.withResolvers<void>();
    const { counters, fetch } = wrapped(() => gate.promise);
    const { request, leave } = leaving();
    const answer = fetch(request, {});
    leave();
    await eventually("it given up", () => counters.inFlight === 0);
    gate.resolve(new Response(new ReadableStream({ cancel: () => cancelled.resolve() })));
    await answer;
    await cancelled.promise;
  });

  test("ends nothing that has been answered", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    const { counters, fetch } = wrapped(() => promise);
    const { request, leave } = leaving();
    const first = fetch(request, {});
    // By then the first is watched as well, and one that has left is seen to have.
    const second = leaving();
    second.leave();
    fetch(second.request, {});
    await eventually("the second given up", () => counters.inFlight === 1);
    resolve(new Response("x"));
    assertEquals((await first)?.status, 200);
    leave();
    assertEquals(counted(counters), ["GET 200 1", "GET 499 1"]);
    assertEquals([counters.inFlight, counters.answered], [0, 2]);
  });

  test("ends it also while the handler's own error function works on it", async () => {
    using _log = new CapturedLog();
    const gate = Promise.withResolvers<Response>();
    const handlers = [thrower(new Error("x")), () => Promise.reject(new Error("x"))];
    for (const handler of handlers) {
      const { counters, fetch } = wrapped(handler, { onError: () => gate.promise });
      const { request, leave } = leaving();
      fetch(request, {});
      leave();
      await eventually("it given up", () => counters.inFlight === 0);
      assertEquals(counted(counters), ["GET 499 1"]);
    }
  });
});

describe("--request-timeout", () => {
  test("answers 504, aborts the signal, and ends the request", async () => {
    using log = new CapturedLog();
    let signal: AbortSignal | undefined;
    const handler = (request: Request) => new Promise(() => signal = request.signal);
    const { counters, fetch } = wrapped(handler, { timeout: 20 });
    const answer = await fetch(new Request("http://handler/path"), {});
    assertEquals([answer?.status, await answer?.text()], [504, "Gateway Timeout\n"]);
    assertEquals([counters.inFlight, counters.abandoned], [0, 1]);
    assertEquals(counted(counters), ["GET 504 1"]);
    assertEquals([signal?.aborted, signal?.reason.name], [true, "TimeoutError"]);
    assertEquals(log.messages, [
      "GET /path has no answer after 20ms (--request-timeout): 504",
    ]);
  });

  test("says nothing of what the handler then throws because of it", async () => {
    using log = new CapturedLog();
    const handler = ({ signal }: Request) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const { counters, fetch, thrown } = wrapped(handler, { timeout: 20 });
    assertEquals((await fetch(new Request("http://handler/path"), {}))?.status, 504);
    await eventually("the handler to settle", () => counters.abandoned === 0);
    assertEquals([log.messages.length, thrown, counted(counters)], [1, [], ["GET 504 1"]]);
  });

  test("leaves alone what is answered in time, and whoever asks for the signal late", async () => {
    let asked: Request | undefined;
    const { fetch } = wrapped((request: Request) => {
      asked = request;
      return Promise.resolve(new Response("x"));
    }, { timeout: 60_000 });
    assertEquals((await fetch(new Request("http://handler/path"), {}))?.status, 200);
    assertFalse(asked?.signal.aborted);
  });

  test("passes on that the client leaves", async () => {
    const controller = new AbortController();
    let signal: AbortSignal | undefined;
    const handler = (request: Request) => new Promise(() => signal = request.signal);
    const { counters, fetch } = wrapped(handler, { timeout: 60_000 });
    fetch(new Request("http://handler/path", { signal: controller.signal }), {});
    controller.abort();
    await eventually("it given up", () => counters.inFlight === 0);
    assertEquals([signal?.aborted, counted(counters)], [true, ["GET 499 1"]]);
  });
});

describe("an upgrade", () => {
  test("is an answer where it was done", () => {
    const { counters, fetch } = wrapped(() => undefined, { upgraded: (one) => one === request });
    assertEquals(fetch(request, {}), undefined);
    assertEquals([counters.inFlight, counted(counters)], [0, ["GET 101 1"]]);
  });

  test("whose client has left is answered as the handler says: Deno takes nothing else", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    const client = new AbortController();
    const { counters, fetch } = wrapped(() => promise);
    const answer = fetch(new Request(request, { signal: client.signal }), {});
    client.abort();
    await eventually("it given up", () => counters.abandoned === 1);
    const upgraded = new Response(null, { status: 101 });
    resolve(upgraded);
    assertStrictEquals(await answer, upgraded);
  });

  test("that was not done is a forgotten return", async () => {
    using log = new CapturedLog();
    const { counters, fetch } = wrapped(() => undefined);
    assertEquals((await fetch(request, {}))?.status, 500);
    assertEquals(counted(counters), ["GET 500 1"]);
    assertMatch(log.messages[0] ?? "", /the handler returned undefined, not a Response/);
  });
});

describe("an upgrade whose response the runtime demands", () => {
  const demanded = new Response(null, { status: 101 });
  const settled = (_request: Request, answer: unknown) =>
    answer === demanded ? undefined : demanded;
  const mistakes: Record<string, () => unknown> = {
    "another answer": () => new Response("x"),
    "none": () => undefined,
    "a throw": thrower(new Error("x")),
    "a rejection": () => Promise.reject(new Error("x")),
  };
  for (const [name, handler] of Object.entries(mistakes)) {
    test(`gets it after ${name}, and no error`, async () => {
      using log = new CapturedLog();
      const { counters, fetch, thrown } = wrapped(handler, { settled });
      assertStrictEquals(await fetch(request, {}), demanded);
      assertEquals([counted(counters), thrown], [["GET 101 1"], []]);
      assertMatch(log.messages.at(-1) ?? "", /^GET \/path: its WebSocket is closed/);
    });
  }

  test("gets it whatever the handler's own error function does", async () => {
    using _log = new CapturedLog();
    for (const onError of [() => new Response("x"), thrower(new Error("again"))]) {
      const { counters, fetch, thrown } = wrapped(thrower(new Error("x")), { settled, onError });
      assertStrictEquals(await fetch(request, {}), demanded);
      assertEquals([counted(counters), thrown], [["GET 101 1"], []]);
    }
  });

  test("gets it also when its client had left before", async () => {
    using _log = new CapturedLog();
    const ends: ((gate: PromiseWithResolvers<Response>) => void)[] = [
      ({ resolve }) => resolve(demanded),
      ({ resolve }) => resolve(new Response("x")),
      ({ reject }) => reject(new Error("x")),
    ];
    for (const end of ends) {
      const gate = Promise.withResolvers<Response>();
      const client = new AbortController();
      const { counters, fetch, thrown } = wrapped(() => gate.promise, { settled });
      const answer = fetch(new Request(request, { signal: client.signal }), {});
      client.abort();
      await eventually("it given up", () => counters.abandoned === 1);
      end(gate);
      assertStrictEquals(await answer, demanded);
      assertEquals([counters.abandoned, thrown], [0, []]);
    }
  });
});

describe("a body that nobody has read", () => {
  const post = () => new Request("http://handler/path", { method: "POST", body: "x" });
  const ends: Record<string, [() => unknown, number, number, { timeout?: number }?]> = {
    "an answer": [() => new Response("x"), 200, 0],
    "a throw": [thrower(new Error("x")), 500, 1],
    "a rejection": [() => Promise.reject(new Error("x")), 500, 1],
    "a body that is too large": [thrower(new BodyTooLarge(1)), 413, 0],
    "the time limit": [() => new Promise(() => {}), 504, 0, { timeout: 20 }],
  };
  for (const [name, [handler, status, errors, options]] of Object.entries(ends)) {
    test(`is read before the runtime hears of ${name}`, async () => {
      using _log = new CapturedLog();
      const rest = Promise.withResolvers<void>();
      const reading: number[] = [];
      const readRest = (_request: Request, answer: Response): Promise<Response> => {
        reading.push(answer.status);
        return rest.promise.then(() => answer);
      };
      const { counters, fetch, thrown } = wrapped(handler, { readRest, ...options });
      let heard = false;
      const answer = Promise.resolve(fetch(post(), {})).finally(() => heard = true);
      await eventually("the rest to be read", () => reading.length === 1);
      assertEquals([reading, counters.inFlight, heard, thrown], [[status], 0, false, []]);
      rest.resolve();
      assertEquals([(await answer)?.status, thrown.length], [status, errors]);
    });
  }

  test("is none of a GET", () => {
    const readRest = thrower(new Error("read"));
    const answer = wrapped(() => new Response("x"), { readRest }).fetch(request, {});
    assertInstanceOf(answer, Response);
  });
});

test("the runtime hears of each answer", async () => {
  using _log = new CapturedLog();
  const handlers: [() => unknown, string[]][] = [
    [() => new Response("x"), ["settled 200"]],
    [() => Promise.resolve(new Response("x")), ["settled 200"]],
    [() => Promise.reject(new Error("x")), ["settled 500"]],
    [thrower(new Error("x")), ["settled 500"]],
  ];
  for (const [handler, expected] of handlers) {
    const heard: string[] = [];
    const { fetch } = wrapped(handler, {
      settled: (_request, answer) => void heard.push(`settled ${(answer as Response).status}`),
    });
    await fetch(request, {});
    assertEquals(heard, expected);
  }
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
    assertEquals([calls, counters.inFlight, counters.snapshot().shed.inflight], [2, 2, 1]);
    gates[0]?.resolve(new Response("done"));
    await held[0];
    assertEquals([(await fetch(request, {}))?.status, calls], [200, 3]);
    gates[1]?.resolve(new Response("done"));
    await held[1];
    assertEquals(counters.inFlight, 0);
    assertEquals(counted(counters), ["GET 200 3", "GET 503 1"]);
    assertEquals(counters.snapshot().shed.inflight, 1);
  });

  test("lets any number through one after the other, and none is refused without it", () => {
    const limited = wrapped(() => new Response("x"), { maxInflight: 1 });
    const unlimited = wrapped(() => new Promise(() => {}));
    for (let n = 0; n < 100; n++) {
      limited.fetch(request, {});
      unlimited.fetch(request, {});
    }
    assertEquals(counted(limited.counters), ["GET 200 100"]);
    assertEquals([unlimited.counters.inFlight, unlimited.counters.snapshot().shed.inflight], [
      100,
      0,
    ]);
  });

  test("counts for all handlers that share the counters", () => {
    const counters = new RequestCounters();
    const slow = wrapped(() => new Promise(() => {}), { counters, maxInflight: 1 });
    const quick = wrapped(() => new Response("x"), { counters, maxInflight: 1 });
    slow.fetch(request, {});
    quick.fetch(request, {});
    assertEquals([counters.inFlight, counters.snapshot().shed.inflight], [1, 1]);
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

  test("counts without metrics what it refuses, for the log, and nothing else", () => {
    const never = () => new Promise(() => {});
    const { counters, fetch } = wrapped(never, { maxInflight: 1, metrics: false });
    fetch(request, {});
    assertEquals([counters.inFlight, counters.revision], [1, 0]);
    fetch(request, {});
    assertEquals([counters.inFlight, counters.revision], [1, 1]);
  });
});
