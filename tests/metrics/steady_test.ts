import { describe, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { requestSnapshot } from "../../src/metrics/snapshot.ts";
import { RequestCounters } from "../../src/metrics/requests.ts";
import { SteadySums } from "../../src/metrics/steady.ts";
import { parseExposition, valueOf } from "../support/prometheus.ts";
import { collected } from "./collected.ts";
import { exposed, metricsInput } from "./input.ts";

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
  const { body } = await exposed(metricsInput({ requests }), undefined, steady);
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

  /** What is shown of series at once. */
  const kept = (steady: SteadySums, given: Record<string, number>): Record<string, number> => {
    const round = steady.begin();
    const shown = Object.entries(given).map((
      [series, value],
    ) => [series, round.keep(series, value)]);
    round.end();
    return Object.fromEntries(shown);
  };

  test("what really falls is shown as it is, and what rises", () => {
    const steady = new SteadySums();
    const values = [5, 6, 6 - 1e-12, 5].map((orders) => kept(steady, { orders })["orders"]);
    assertEquals(values, [5, 6, 6, 5]);
  });

  test("series are told apart, and one that was not shown is forgotten", () => {
    const steady = new SteadySums();
    const given = { 'wait_sum{a="1"}': 7, 'wait_sum{a="2"}': 7 - 1e-12, wait_count: 7 - 2e-12 };
    for (let scrape = 0; scrape < 2; scrape++) assertEquals(kept(steady, given), given);
    assertEquals(kept(steady, { wait_count: 7 - 3e-12 }), { wait_count: 7 - 2e-12 });
    assertEquals(kept(steady, { 'wait_sum{a="1"}': 7 - 1e-12 }), { 'wait_sum{a="1"}': 7 - 1e-12 });
  });

  test("a gauge of the handler's may fall by as little as it likes", async () => {
    const level = async (value: number) => {
      const values = [{ value, labels: {} }];
      return await collected([{ name: "level", help: "L.", type: "gauge", values }]);
    };
    const steady = new SteadySums();
    const shows = async (value: number) => {
      const custom = [await level(value), await level(0)];
      const { body } = await exposed(metricsInput({ custom }), undefined, steady);
      return valueOf(parseExposition(body), "level");
    };
    assertEquals([await shows(6), await shows(6 - 1e-12)], [6, 6 - 1e-12]);
  });
});
