import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { sharesPort } from "../../src/options/ports.ts";
import { resolveOptions } from "../../src/options/resolve.ts";
import type { ServeInput } from "../../src/options/serve_input.ts";
import { UsageError } from "../../src/options/usage_error.ts";

function refusal(input: ServeInput): string {
  return assertThrows(() => resolveOptions(input, {}), UsageError).message;
}

describe("the probes' listener", () => {
  test("is beside the handler's", () => {
    const options = resolveOptions({ port: 80, host: "127.0.0.1" }, {});
    assertEquals([options.probePort, options.probeHost], [81, "127.0.0.1"]);
  });

  test("is wherever it is told to be", () => {
    const options = resolveOptions({ port: 80, probePort: 80, probeHost: "::1" }, {});
    assertEquals([options.probePort, options.probeHost], [80, "::1"]);
  });

  test("gets a free port where the handler does", () => {
    assertEquals(resolveOptions({ port: 0 }, {}).probePort, 0);
  });

  test("must be named where no port follows", () => {
    assertStringIncludes(refusal({ port: 65535 }), "port is 65535");
    assertStringIncludes(refusal({ port: 65535 }), "--probe-port");
    assertEquals(resolveOptions({ port: 65535, probePort: 1 }, {}).probePort, 1);
    assertEquals(resolveOptions({ port: 65535, probe: false }, {}).probePort, 0);
  });
});

test("probes share the handler's port where both are the same, which 0 is not", () => {
  const shares = (input: ServeInput) => sharesPort(resolveOptions(input, {}));
  assertEquals(shares({ port: 80, probePort: 80 }), true);
  assertEquals(shares({ port: 80 }), false);
  assertEquals(shares({ port: 0, probePort: 0 }), false);
  assertEquals(shares({ port: 80, probePort: 80, probe: false }), false);
});
