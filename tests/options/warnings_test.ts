import { test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { readArguments, tokenize } from "../../src/options/arguments.ts";
import type { Environment } from "../../src/options/option.ts";
import { readServe } from "../../src/options/precedence.ts";
import { serveFlags } from "../../src/options/serve_table.ts";
import { warningsAbout } from "../../src/options/warnings.ts";

function warnings(argv: string[], environment: Environment = {}): string[] {
  const { given: flags } = readArguments(tokenize(argv, serveFlags), serveFlags);
  const { options, given } = readServe(flags, environment);
  return warningsAbout(options, given, environment);
}

test("what means nothing without another option is warned of, not refused", () => {
  assertEquals(warnings(["--watch-path", "x"]), [
    "--watch-path means nothing without --autoreload",
  ]);
  assertEquals(warnings([], { HURRICANE_DEBUGGER_PORT: "1" }), [
    "HURRICANE_DEBUGGER_PORT means nothing without --debugger",
  ]);
  assertEquals(warnings(["--trusted-proxy", "::1", "--access-log-fields=path"]), [
    "--access-log-fields means nothing without --access-log",
    "--trusted-proxy means nothing without --access-log or --otel",
  ]);
  assertEquals(warnings(["--amqp-queue", "jobs"]), [
    "--amqp-queue means nothing without --amqp-url",
  ]);
  assertEquals(warnings(["--amqp-queue", "jobs", "--amqp-url", "amqp://broker"]), []);
  assertEquals(warnings(["--watch", "--watch-path", "x"]), []);
  assertEquals(warnings(["--debugger", "--debugger-port", "1"]), []);
});

test("an address of the probes that is not heeded is warned of", () => {
  const hidden = ["--host", "0.0.0.0", "--probe-host", "127.0.0.1"];
  assertEquals(warnings([...hidden, "--port", "80", "--probe-port", "80"]), [
    "--probe-host means nothing without a --probe-port of its own: the probes listen where the " +
    "handler does, on 0.0.0.0",
  ]);
  assertEquals(warnings([...hidden, "--port", "80"]), []);
  assertEquals(warnings([...hidden, "--port", "0", "--probe-port", "0"]), []);
  assertEquals(warnings(["--host=::1", "--probe-host=[::1]", "--port=8", "--probe-port=8"]), []);
});

test("a debugger in Kubernetes is worth a warning", () => {
  const kubernetes = { KUBERNETES_SERVICE_HOST: "10.0.0.1" };
  assertStringIncludes(warnings(["--debugger"], kubernetes).join(), "kubectl port-forward");
  assertEquals(warnings([], kubernetes), []);
});
