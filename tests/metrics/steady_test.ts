import { describe, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { exposition } from "../../src/metrics/exposition.ts";
import { requestSnapshot } from "../../src/metrics/snapshot.ts";
import { RequestCounters } from "../../src/metrics/requests.ts";
import { type Steadying, SteadySums } from "../../src/metrics/steady.ts";
import { parseExposition, valueOf } from "../support/prometheus.ts";
import { metricsInput } from "./input.ts";

const sum = "http_server_request_duration_seconds_sum";
const got = { http_request_method: "GET", http_response_status_code: "200" };

/** The counters of a worker that has answered one request. */
function answered(seconds: number) {
  const counters = new RequestCounters();
  counters.record("GET", 200, seconds);
  return counters.snapshot();
}

/** The same three workers, added in two orders: the second sum is smaller by the last bit. */
const [a, b, c] = [answered(0.3), answered(0.2), answered(0.1)];
const before = requestSnapshot.add(requestSnapshot.add(c, b), a);
const after = requestSnapshot.add(requestSnapshot.add(a, b), c);

async function shown(steady: SteadySums | undefined, requests: typeof before): Promise<number> {
  const { body } = await exposition(metricsInput({ requests }), undefined, steady);
  return valueOf(parseExposition(body), sum, got) ?? NaN;
}

describe("SteadySums", () => {
  test("a sum does not fall because it is added up in another order", async () => {
    const fall = [await shown(undefined, before), await shown(undefined, after)];
    assert(fall[0]! > fall[1]!, `${fall} shows nothing`);
    const steady = new SteadySums();
    assertEquals(await shown(steady, before), fall[0]);
    assertEquals(await shown(steady, after), fall[0]);
  });

  /** Keeps what is shown all at once. */
  const keep = (steady: SteadySums, metrics: Parameters<Steadying["keep"]>[0]): void => {
    const round = steady.begin();
    round.keep(metrics);
    round.end();
  };

  test("what really falls is shown as it is, and what rises", () => {
    const steady = new SteadySums();
    const kept = (type: string, value: number) => {
      const sample = { value, labels: { kind: "book" } };
      keep(steady, [{ name: "orders", type, values: [sample] }]);
      return sample.value;
    };
    assertEquals([5, 6, 6 - 1e-12, 5].map((value) => kept("counter", value)), [5, 6, 6, 5]);
    assertEquals([6, 6 - 1e-12].map((value) => kept("gauge", value)), [6, 6 - 1e-12]);
  });

  test("series are told apart by name, part and labels", () => {
    const steady = new SteadySums();
    const samples = () => [
      { value: 7, labels: { a: "1", b: "2" }, metricName: "wait_sum" },
      { value: 7 - 1e-12, labels: { a: "2", b: "1" }, metricName: "wait_sum" },
      { value: 7 - 2e-12, labels: { a: "1", b: "2" }, metricName: "wait_count" },
    ];
    for (let scrape = 0; scrape < 2; scrape++) {
      const values = samples();
      keep(steady, [{ name: "wait", type: "histogram", values }]);
      assertEquals(values, samples());
    }
    const values = [{ value: 7 - 1e-12, labels: { b: "2", a: "1" }, metricName: "wait_sum" }];
    keep(steady, [{ name: "wait", type: "histogram", values }]);
    assertEquals(values[0]?.value, 7);
  });
});
