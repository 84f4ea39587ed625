import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { manifestWarnings } from "../../src/manifest/warnings.ts";
import { parseManifest } from "../cli/parsed.ts";
import { image } from "./made.ts";

/** What is warned of, by the options that each of them names. */
function warned(...words: string[]): string[] {
  return manifestWarnings(parseManifest([`--image=${image}`, ...words]))
    .map((warning) => /^with (--[\w-]+ \S+) /.exec(warning)?.[1] ?? warning);
}

test("a delay that others have not heard of, and no pods at all", () => {
  assertEquals(warned("--shutdown-delay=0s"), ["--shutdown-delay 0s"]);
  assertEquals(warned("--shutdown-delay=3999ms"), ["--shutdown-delay 3.999s"]);
  assertEquals(warned("--replicas=0"), ["--replicas 0"]);
});

test("nothing, where nobody sends requests, or KEDA says how many pods there are", () => {
  assertEquals(warned(), []);
  assertEquals(warned("--shutdown-delay=4s", "--replicas=1"), []);
  assertEquals(warned("--shutdown-delay=0s", "--no-service"), []);
  assertEquals(warned("--autoscale=1..3"), []);
});
