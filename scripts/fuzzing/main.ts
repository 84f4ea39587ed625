/**
 * What `scripts/fuzz` runs.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import process from "node:process";
import { Random } from "../endurance/random.ts";
import { ask } from "../endurance/ask.ts";
import { versionOf } from "../endurance/service.ts";
import { accounted } from "./accounted.ts";
import { generate } from "./generate.ts";
import { send } from "./send.ts";
import { parseSettings, type Settings, UsageError } from "./settings.ts";
import { type Pair, pairs, Target } from "./target.ts";

/** Requests that are under way at a time. */
const atOnce = 128;

/** How long a connection may be silent, in milliseconds: at first, and where the two differ. */
const patience = { first: 60, again: 1500 };

/** Two ways in which one request was answered, and an example of it. */
interface Difference {
  bare: string;
  hurricane: string;
  count: number;
  example: string;
  /** Why; `undefined` where that is not known. */
  why: string | undefined;
}

/** What a pair has given. */
interface Found {
  name: string;
  requests: number;
  differences: Difference[];
  /** What is wrong, one sentence each. */
  wrong: string[];
}

function settingsOf(words: readonly string[]): Settings {
  try {
    return parseSettings(words);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`scripts/fuzz ${error.message}`);
    process.exit(2);
  }
}

/** Does it for each number up to `count`, `atOnce` at a time. */
async function each(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, run));
}

async function compare(pair: Pair, { requests, seed }: Settings): Promise<Found> {
  await using bare = await Target.bare(pair);
  await using hurricane = await Target.hurricane(pair);
  const differences = new Map<string, Difference>();
  const wrong: string[] = [];
  const both = async (bytes: string, wait: number): Promise<[string, string]> => [
    await send(bare.port, bytes, wait),
    await send(hurricane.port, bytes, wait),
  ];
  const suspects: string[] = [];
  await each(requests, async (index) => {
    const bytes = generate(new Random(seed, index));
    const [one, other] = await both(bytes, patience.first);
    if (one !== other) suspects.push(bytes);
    await send(hurricane.probePort, bytes, patience.first);
    if (index % 10_000 === 9_999) console.error(`${pair.name}: ${index + 1} of ${requests}`);
  });
  // A busy machine makes differences, too: those that stay are there with patience as well.
  await each(suspects.length, async (index) => {
    const bytes = suspects[index]!;
    const [one, other] = await both(bytes, patience.again);
    if (one === other) return;
    const why = accounted(bytes, { bare: one, hurricane: other });
    const key = `${one}|${other}|${why}`;
    const found = differences.get(key);
    if (found !== undefined) found.count++;
    else differences.set(key, { bare: one, hurricane: other, count: 1, example: bytes, why });
  });
  if (!bare.runs) wrong.push("the bare runtime ended");
  if (!hurricane.runs) wrong.push("Hurricane ended");
  for (const path of ["/ready", "/alive", "/startup"]) {
    const status = await ask(hurricane.probePort, path).then(({ status }) => status, String);
    if (status !== 200) wrong.push(`${path} is ${status} after it`);
  }
  if (hurricane.log !== "") wrong.push(`its log has: ${hurricane.log.slice(0, 2000)}`);
  const metrics = await ask(hurricane.probePort, "/metrics");
  const restarts = [
    ...metrics.text.matchAll(/^hurricane_worker_restarts_total\{.*\} ([1-9]\d*)$/gm),
  ];
  for (const [line] of restarts) wrong.push(`a worker was replaced: ${line}`);
  const active = /^http_server_active_requests (\d+)$/m.exec(metrics.text)?.[1];
  if (active !== "0") wrong.push(`${active} requests are in flight after it`);
  const sorted = [...differences.values()].toSorted((a, b) => b.count - a.count);
  for (const one of sorted) {
    if (one.why === undefined) {
      wrong.push(
        `${one.bare} became ${one.hurricane} (${one.count}): ${
          JSON.stringify(one.example.slice(0, 300))
        }`,
      );
    }
  }
  return { name: pair.name, requests, differences: sorted, wrong };
}

function report(all: readonly Found[], seed: number): string {
  const rows = all.flatMap(({ name, differences }) =>
    differences.map((one) =>
      `| ${name} | ${one.bare} | ${one.hurricane} | ${one.count} | ${
        one.why ?? "**not accounted for**"
      } |`
    )
  );
  const head = all.map(({ name, requests, differences }) => {
    const count = differences.reduce((sum, { count }) => sum + count, 0);
    return `${name}: ${
      requests.toLocaleString("en")
    } requests to each port, ${count} answered otherwise`;
  });
  return [
    `Seed ${seed}, ${new Date().toISOString().slice(0, 10)}, ${
      ["executable", "deno"].map((form) => versionOf(form as "executable" | "deno")).join(", ")
    }. ${head.join("; ")}.`,
    "",
    "| pair | bare runtime | Hurricane | requests | why |",
    "| --- | --- | --- | --: | --- |",
    ...rows,
    "",
  ].join("\n");
}

const settings = settingsOf(process.argv.slice(2));
execFileSync(new URL("../build", import.meta.url).pathname, {
  stdio: ["ignore", "ignore", "inherit"],
});
const all: Found[] = [];
for (
  const pair of pairs.filter(({ name }) =>
    settings.only.length === 0 || settings.only.includes(name)
  )
) {
  all.push(await compare(pair, settings));
}
const text = report(all, settings.seed);
console.log(text);
if (settings.report !== undefined) writeFileSync(settings.report, text);
const wrong = all.flatMap(({ name, wrong }) => wrong.map((one) => `${name}: ${one}`));
for (const one of wrong) console.error(one);
process.exit(wrong.length === 0 ? 0 : 1);
