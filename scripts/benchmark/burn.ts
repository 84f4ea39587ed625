import { execFileSync } from "node:child_process";
import { runs, type Runtime } from "./contenders.ts";

/**
 * How many rounds of work take a millisecond on this machine, on the runtime: they are not equally
 * fast at it, and what is compared is what becomes of the same load, not of the same rounds.
 */
export function calibrateBurn(runtime: Runtime): number {
  const [program, ...args] = runs(runtime, runtime === "node" ? "calibrate.js" : "calibrate.ts");
  return Number(execFileSync(program, args, { encoding: "utf8" }));
}
