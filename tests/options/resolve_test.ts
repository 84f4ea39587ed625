import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { anyHost } from "../../src/options/any_host.ts";
import { resolveOptions } from "../../src/options/resolve.ts";
import type { ServeInput } from "../../src/options/serve_input.ts";
import { UsageError } from "../../src/options/usage_error.ts";

function refusal(input: ServeInput): string {
  return assertThrows(() => resolveOptions(input, {}), UsageError).message;
}

test("a program may give numbers, single values and lists", () => {
  const options = resolveOptions({
    port: 80,
    maxBodySize: 1024,
    stallTimeout: 1500,
    command: "a b",
    webhookUrl: ["http://a", "http://b"],
    metrics: false,
    host: undefined,
  }, {});
  assertEquals(options.port, 80);
  assertEquals(options.maxBodySize, 1024);
  assertEquals(options.stallTimeout, 1500);
  assertEquals(options.command, ["a b"]);
  assertEquals(options.webhookUrl, ["http://a", "http://b"]);
  assertEquals(options.metrics, false);
  assertEquals([options.host, options.probeHost], [anyHost(), anyHost()]);
});

test("a program's options come from nowhere else", () => {
  assertEquals(resolveOptions({}, { HURRICANE_PORT: "1", PORT: "2" }).port, 8000);
});

test("what a program gives wrongly is named by its key", () => {
  assertEquals(refusal({ port: 70000 }), "port must be a port from 0 to 65535, not 70000");
  assertStringIncludes(
    refusal({ webhookTimeout: -1 }),
    "webhookTimeout must be a duration above 0",
  );
  assertEquals(
    refusal({ command: ["a", "b 'c"] }).split(":")[0],
    `command "b 'c"`,
  );
  const misspelt: ServeInput & { prot: number } = { prot: 80 };
  assertEquals(refusal(misspelt), 'unknown option "prot"; did you mean port?');
});

test("a value of another type is refused by what is allowed, on one line", () => {
  const wrong = JSON.parse('{"webhookUrl":[["a\\nb"]]}') as ServeInput;
  const message = refusal(wrong);
  assertStringIncludes(message, "webhookUrl must be an absolute http or https URL");
  assertEquals(message.includes("\n"), false);
  assertStringIncludes(refusal(JSON.parse('{"host":{"a":1}}') as ServeInput), "host must be an IP");
});

test("a secret of another type is not shown either", () => {
  const message = refusal(JSON.parse('{"webhookSecret":987654}') as ServeInput);
  assertEquals(message, "webhookSecret must be a Standard Webhooks secret");
});

describe("the shutdown delay", () => {
  test("is 5 s in Kubernetes, and else none", () => {
    assertEquals(resolveOptions({}, { KUBERNETES_SERVICE_HOST: "10.0.0.1" }).shutdownDelay, 5000);
    assertEquals(resolveOptions({}, {}).shutdownDelay, 0);
  });

  test("is what is given, 0 as well", () => {
    const environment = { KUBERNETES_SERVICE_HOST: "10.0.0.1" };
    assertEquals(resolveOptions({ shutdownDelay: 0 }, environment).shutdownDelay, 0);
    assertEquals(resolveOptions({ shutdownDelay: "1s" }, {}).shutdownDelay, 1000);
  });
});

test("without probes there is no metrics endpoint", () => {
  assertEquals(resolveOptions({ probe: false, metrics: "/x" }, {}).metrics, false);
});

test("with the debugger, an event loop may stand still for ever", () => {
  assertEquals(resolveOptions({ debugger: true, stallTimeout: "1s" }, {}).stallTimeout, Infinity);
  assertEquals(resolveOptions({ stallTimeout: "1s" }, {}).stallTimeout, 1000);
});
