import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { emptyCounts, type QueueCounts } from "../../src/amqp/counts.ts";
import { MessageRates } from "../../src/supervisor/message_rates.ts";

function counted(acknowledged: number, rejected = 0): QueueCounts[] {
  const counts = emptyCounts("jobs");
  return [{ ...counts, fates: { ...counts.fates, acknowledged, rejected }, waiting: 3 }];
}

test("a rate is that of the last ten seconds, whatever became of the messages", () => {
  const rates = new MessageRates();
  assertEquals(rates.queues, []);
  rates.add(0, counted(0));
  assertEquals(rates.queues[0]?.rate, undefined);
  rates.add(1000, counted(30, 10));
  assertEquals(rates.queues, [{
    ...{ name: "jobs", waiting: 3, inFlight: 0, rate: 40 },
    ...{ acknowledged: 30, retried: 0, rejected: 10, returned: 0 },
  }]);
  for (let second = 2; second <= 20; second++) rates.add(second * 1000, counted(30, 10));
  assertEquals(rates.queues[0]?.rate, 0);
});
