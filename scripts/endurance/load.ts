/**
 * The clients of `scripts/soak`, in a process of their own: `load.ts PORT SEED RATE KINDS ABILITIES TLS`.
 * Tells on standard output what each saw, and takes orders on standard input (`outcome.ts`).
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Connections, run } from "./client.ts";
import type { Order, Report } from "./outcome.ts";
import { type Abilities, type Kind, type Plan, planOf } from "./plan.ts";
import { Random } from "./random.ts";

const [port, seed, rate] = process.argv.slice(2, 5).map(Number) as [number, number, number];
const only = process.argv[5]!.split(",") as Kind[];
const abilities = JSON.parse(process.argv[6]!) as Abilities;

/** More than so many at once are not begun: the machine is too slow for the rate. */
const most = 150;

/** Those that can end while Hurricane stops, without anything being cut off. */
const lasting: readonly Kind[] = [
  "quick",
  "slow",
  "trickle",
  "stream",
  "upload",
  "refused",
  "endless",
];

const connections = new Connections(port, process.argv[7] === "true");
const running = new Set<Promise<void>>();
let phase: "load" | "finish" | "burst" | "stop" = "load";
let next = 1;

function tell(report: Report): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

function begin(plan: Plan): void {
  const done = run(plan, connections).then((outcome) => {
    tell({ type: "outcome", outcome });
    running.delete(done);
  });
  running.add(done);
}

function nextPlan(kinds: readonly Kind[]): Plan {
  return planOf(seed, next++, kinds, abilities);
}

async function load(): Promise<void> {
  const random = new Random(seed);
  for (let due = performance.now(); phase === "load";) {
    due += -Math.log(1 - random.next()) * 1000 / rate;
    const early = due - performance.now();
    // Who is late catches up a little, and not with a wave of requests.
    if (early < -500) due = performance.now();
    if (early > 1) await sleep(early);
    if (running.size < most) begin(nextPlan(only));
    else await Promise.race(running);
  }
  await settle();
  tell({ type: "rest" });
}

async function settle(): Promise<void> {
  while (running.size > 0) await Promise.all(running);
  connections.close();
}

/** What is in flight when Hurricane is told to stop; and new ones until nobody takes them. */
async function burst(): Promise<void> {
  const kinds = lasting.filter((kind) => only.includes(kind));
  const another = () => begin({ ...nextPlan(kinds.length > 0 ? kinds : only), kept: false });
  for (let count = 0; count < 30; count++) another();
  await sleep(150);
  tell({ type: "burst" });
  while (phase === "burst") {
    another();
    await sleep(20);
  }
  await settle();
  process.exit(0);
}

for await (const line of orders()) {
  phase = line as Order;
  if (phase === "burst") void burst();
}

function orders(): AsyncIterable<string> {
  void load();
  return createInterface({ input: process.stdin });
}
