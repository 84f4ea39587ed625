import { test } from "node:test";
import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { made } from "./made.ts";

/** Memory that is asked for, and the most that may be used. */
function memory(...args: string[]): string[] {
  const { requests, limits } = made(args).container.resources;
  return [requests.memory, limits.memory];
}

test("memory is for all workers, and for one more while one is replaced", () => {
  assertEquals(memory(), ["128Mi", "576Mi"]);
  assertEquals(memory("--workers=3"), ["256Mi", "1088Mi"]);
  assertEquals(memory("--workers=3", "--max-memory=300mb"), ["256Mi", "1264Mi"]);
  assertEquals(memory("--max-memory=1gb"), ["128Mi", "2112Mi"]);
  // A worker's share of the limit is found out where it runs.
  assertEquals(made([]).container.env, undefined);
  const shared = "a worker that has outgrown its share of it is replaced before (--max-memory)";
  for (const args of [[], ["--memory=1Gi"]]) assertStringIncludes(made(args).text, shared);
  for (const args of [["--max-memory=1gb"], ["--max-memory=none", "--memory=1Gi"]]) {
    assertFalse(made(args).text.includes(shared));
  }
  assertStringIncludes(
    made(["--max-memory=1gb"]).text,
    "for the supervisor (64Mi) and for 2 times --max-memory:",
  );
  assertEquals(memory("--workers=auto", "--cpu-limit=4"), ["320Mi", "1344Mi"]);
});

test("memory is as it is told, and what is asked for may be used", () => {
  assertEquals(memory("--memory=1.5Gi"), ["1.5Gi", "1.5Gi"]);
  assertEquals(memory("--memory=728Mi", "--workers=2", "--max-memory=300mb"), ["728Mi", "728Mi"]);
  const { text } = made(["--memory=1Gi", "--cpu=1"]);
  assertFalse(text.includes("measure, then change it"), text);
});

test("cpu has a request, and a limit where it is told to", () => {
  const cpu = (...args: string[]) => {
    const { requests, limits } = made(args).container.resources;
    return [requests.cpu, limits.cpu];
  };
  assertEquals(cpu(), ["100m", undefined]);
  assertEquals(cpu("--cpu=250m"), ["250m", undefined]);
  assertEquals(cpu("--workers=4"), ["400m", undefined]);
  assertEquals(cpu("--cpu-limit=2"), ["100m", "2"]);
  assertEquals(cpu("--cpu-limit=2", "--workers=auto"), ["200m", "2"]);
  assertEquals(cpu("--cpu-limit=0.15", "--workers=2"), ["150m", "0.15"]);
  assertEquals(cpu("--cpu-limit=0.05"), ["50m", "0.05"]);
  assertEquals(cpu("--cpu=2", "--cpu-limit=2000m"), ["2", "2000m"]);
});
