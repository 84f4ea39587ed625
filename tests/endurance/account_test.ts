import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { account, compareMetrics, statusesOf } from "../../scripts/endurance/account.ts";
import type { Outcome } from "../../scripts/endurance/outcome.ts";

/** A request that was answered with 200, but for what is given. */
function outcome(given: Partial<Outcome>): Outcome {
  return {
    id: 1,
    kind: "quick",
    seen: "answer",
    status: 200,
    meant: 200,
    sent: 10_000,
    ended: 10_010,
    ...given,
  };
}

const kept = { after: "quick", idle: 3 } as const;

/** The differences, where the log has these statuses of the one request. */
function differences(given: Partial<Outcome>, ...statuses: number[]): string[] {
  const lines = statuses.map((status) => ({ id: 1, status, time: 10_010 }));
  return account([outcome(given)], lines, []).differences;
}

const left = { seen: "left", status: undefined } as const;
const reset = { seen: "reset", status: undefined } as const;

describe("what a client saw agrees with the log", () => {
  for (
    const [what, given, ...statuses] of [
      ["an answer", {}, 200],
      ["a client that left", left, 499],
      ["a client that left while its answer was on its way", left, 200],
      ["a client that left in the middle of its answer", { seen: "left" }, 200],
      ["nobody who listens", { seen: "refused", status: undefined }],
      ["a kept connection that was closed in that moment", { ...reset, reused: kept }],
    ] as const
  ) {
    test(what, () => assertEquals(differences(given, ...statuses), []));
  }
});

describe("what a client saw differs from the log", () => {
  for (
    const [what, words, given, ...statuses] of [
      ["an answer without a line", "saw answer 200, the log has no line", {}],
      ["an answer with two", "saw answer 200, the log says 200 and 200", {}, 200, 200],
      ["another status", "saw answer 200, the log says 499", {}, 499],
      ["an answer that was not meant", "the log says 503; meant was 200", { status: 503 }, 503],
      ["a client that left, unseen", "saw left, the log has no line", left],
      ["a client that left, and an error", "saw left, the log says 500", left, 500],
      ["a reset on a new connection", "saw reset, the log has no line", reset],
      [
        "a reset on a kept connection after the server had taken the request",
        "saw reset on a connection kept for 3 ms after quick, the log says 200",
        { ...reset, reused: kept },
        200,
      ],
      [
        "a close of a kept connection some time after the request",
        "saw closed on a connection kept for 3 ms after quick, the log has no line",
        { ...reset, seen: "closed", reused: kept, ended: 12_000 },
      ],
      ["half an answer", "saw closed 200, the log says 200", { seen: "closed" }, 200],
      ["no answer", "saw silent, the log", { seen: "silent", status: undefined }],
      ["an answer of another", "; the answer to request 2", {
        fault: "the answer to request 2",
      }, 200],
    ] as const
  ) {
    test(what, () => {
      const found = differences(given, ...statuses);
      assertEquals([found.length, found[0]?.includes(words)], [1, true], found[0]);
    });
  }

  test("a line that no client has sent a request for", () => {
    const { differences } = account([], [{ id: 7, status: 200, time: 0 }], []);
    assertEquals(differences, ["request 7: the log says 200, and no client has sent it"]);
  });
});

describe("a worker that was killed", () => {
  const kill = { sent: 10_000, gone: 10_080 };

  test("had the requests that were in flight then, and no others", () => {
    const lost = outcome({ ...reset, sent: 9_000, ended: 10_001 });
    const before = outcome({ ...reset, id: 2, sent: 9_000, ended: 9_100 });
    const kept = outcome({
      ...reset,
      id: 3,
      sent: 9_000,
      ended: 10_001,
      reused: { after: "quick", idle: 3 },
    });
    const dying = outcome({ ...reset, id: 4, sent: 10_075, ended: 10_081 });
    const after = outcome({ ...reset, id: 5, sent: 10_090, ended: 10_091 });
    const { killed, differences, closedBefore: closed } = account(
      [lost, before, kept, dying, after],
      [],
      [kill],
    );
    assertEquals([killed, differences.length, closed.size], [3, 2, 0]);
  });

  test("may have answered what the metrics never heard of, just before", () => {
    const lines = [9_000, 9_900].map((time, id) => ({ id, status: 200, time }));
    assertEquals(compareMetrics(lines, new Map([[200, 1]]), [kill]), []);
    assertEquals(compareMetrics(lines, new Map([[200, 0]]), [kill]).length, 1);
  });
});

test("metrics agree to the request", () => {
  const lines = [{ id: 1, status: 200, time: 0 }];
  assertEquals(compareMetrics(lines, new Map([[200, 1]]), []), []);
  assertEquals(compareMetrics(lines, new Map([[200, 2]]), []), [
    "status 200: 1 lines in the log, 2 in the metrics",
  ]);
  assertEquals(compareMetrics(lines, new Map([[200, 1], [500, 1]]), []).length, 1);
});

test("the methods of a scrape are summed up by status", () => {
  const name = "http_server_request_duration_seconds_count";
  const rows = [["GET", 200, 3], ["POST", 200, 4], ["GET", 499, 1]].map(([method, status, count]) =>
    `${name}{http_request_method="${method}",http_response_status_code="${status}"} ${count}\n`
  );
  assertEquals([...statusesOf(rows.join(""))], [[200, 7], [499, 1]]);
});
