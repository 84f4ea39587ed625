/**
 * What `scripts/bench` runs.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { planAdaptive } from "./adaptive.ts";
import { calibrateBurn } from "./burn.ts";
import type { Contender, Runtime } from "./contenders.ts";
import type { Context, Plan } from "./context.ts";
import { planCost } from "./cost.ts";
import { writePlots, writeResult } from "./document.ts";
import { planGrowth } from "./growth.ts";
import { install } from "./install.ts";
import { planCrowd } from "./crowd.ts";
import { describeMachine, describeVersions, twoProcessors } from "./machine.ts";
import { planMicro } from "./micro.ts";
import { benchRoot, projectRoot } from "./places.ts";
import { planPrice } from "./price.ts";
import { planProbes } from "./probes.ts";
import { planOverload } from "./overload.ts";
import { planScrape } from "./scrape.ts";
import { killAll } from "./running.ts";
import { parseSettings, type Part, type Settings, UsageError } from "./settings.ts";
import { planThroughput } from "./throughput.ts";

const planners: Record<Part, (context: Context) => Plan> = {
  throughput: planThroughput,
  price: planPrice,
  probes: planProbes,
  cost: planCost,
  growth: planGrowth,
  scrape: planScrape,
  overload: planOverload,
  crowd: planCrowd,
  adaptive: planAdaptive,
  micro: planMicro,
};

function settingsOf(args: readonly string[]): Settings {
  try {
    return parseSettings(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`scripts/bench ${error.message}`);
    process.exit(2);
  }
}

async function main(settings: Settings): Promise<void> {
  execFileSync(join(projectRoot, "scripts/build"), { stdio: ["ignore", "ignore", "inherit"] });
  install();
  const processors = twoProcessors();
  const [machine, versions] = [describeMachine(), describeVersions()];
  const calibrated = new Map<Runtime, number>();
  const burnRounds = ({ runtime }: Contender): number => {
    const rounds = calibrated.get(runtime) ?? calibrateBurn(runtime);
    calibrated.set(runtime, rounds);
    return rounds;
  };
  // With all its threads, and with whatever it starts from now on.
  execFileSync("taskset", ["-a", "-p", "-c", processors.load, String(process.pid)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const plans = settings.parts.map((part) => planners[part]({ settings, processors, burnRounds }));
  const seconds = plans.reduce((sum, plan) => sum + plan.seconds, 0);
  console.error(`${machine}\n${versions}`);
  console.error(`${settings.parts.join(", ")}: about ${Math.ceil(seconds / 60)} min`);
  for (const plan of plans) {
    const result = await plan.run();
    console.log(`\n## ${plan.part}\n\n${result.markdown}\n`);
    if (result.unfit !== undefined) {
      console.error(`${plan.part}: the document is left alone: ${result.unfit}`);
      process.exitCode = 1;
      continue;
    }
    if (settings.only.length > 0) {
      for (const file of writePlots(result, join(benchRoot, "pictures"))) console.log(file);
      continue;
    }
    const date = new Date().toISOString().slice(0, 10);
    const how = `${date}, rounds: ${settings.rounds}, load in each: ${settings.duration} s. ` +
      `${machine}. ${versions}.`;
    writeResult(plan.part, result, how);
  }
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    killAll();
    process.exit(signal === "SIGINT" ? 130 : 143);
  });
}

const settings = settingsOf(process.argv.slice(2));
try {
  await main(settings);
} finally {
  killAll();
}
