import { test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
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
  // The limit is above what the workers are let grow to, also where nobody has said how far.
  const { env } = made([]).container;
  assertEquals(env, [{ name: "HURRICANE_MAX_MEMORY", value: "256mb" }]);
  assertEquals(made(["--max-memory=1gb"]).container.env, undefined);
  assertStringIncludes(made(["--max-memory=1gb"]).text, "for 2 times --max-memory");
});
