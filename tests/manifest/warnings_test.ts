import { test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { manifestWarnings } from "../../src/manifest/warnings.ts";
import { parseManifest } from "../cli/parsed.ts";
import { image } from "./made.ts";

/** What is warned of, by the options that each of them names. */
function warned(...words: string[]): string[] {
  return manifestWarnings(parseManifest([`--image=${image}`, ...words]))
    .map((warning) => /^with (--[\w-]+ \S+)/.exec(warning)?.[1] ?? warning);
}

test("a delay that others have not heard of, and no pods at all", () => {
  assertEquals(warned("--shutdown-delay=0s"), ["--shutdown-delay 0s"]);
  assertEquals(warned("--shutdown-delay=3999ms"), ["--shutdown-delay 3.999s"]);
  assertEquals(warned("--replicas=0"), ["--replicas 0"]);
});

test("memory that workers cannot even start in, and webhooks without a signature", () => {
  assertEquals(warned("--memory=191Mi"), ["--memory 191Mi"]);
  assertEquals(warned("--memory=191Mi", "--max-memory=none"), ["--memory 191Mi"]);
  assertEquals(warned("--memory=383Mi", "--workers=4"), ["--memory 383Mi"]);
  const taking = ["--amqp-url=amqp://b", "--amqp-queue=jobs"];
  assertEquals(warned("--memory=255Mi", ...taking), ["--memory 255Mi"]);
  assertEquals(warned("--webhook-url=http://ops/"), ["--webhook-url alone"]);
  assertEquals(warned("--secret-env=HURRICANE_WEBHOOK_URL=web/url"), ["--webhook-url alone"]);
});

test("in the namespace that the manifest is for", () => {
  const [warning] = manifestWarnings(
    parseManifest([`--image=${image}`, "--replicas=0", "--namespace=shop"]),
  );
  assertStringIncludes(warning!, "kubectl --namespace shop scale deployment web --replicas 2");
});

test("nothing, where nobody sends requests, or KEDA says how many pods there are", () => {
  assertEquals(warned(), []);
  assertEquals(warned("--shutdown-delay=4s", "--replicas=1"), []);
  assertEquals(warned("--shutdown-delay=0s", "--no-service"), []);
  assertEquals(warned("--autoscale=1..3"), []);
  assertEquals(warned("--memory=192Mi"), []);
  assertEquals(warned("--memory=384Mi", "--workers=4"), []);
  const secret = "--secret-env=HURRICANE_WEBHOOK_SECRET=web/secret";
  assertEquals(warned("--webhook-url=http://ops/", secret), []);
});
