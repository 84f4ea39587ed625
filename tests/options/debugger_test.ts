import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { debuggerWarnings } from "../../src/options/debugger.ts";
import { resolveOptions } from "../../src/options/resolve.ts";
import type { ServeInput } from "../../src/options/serve_options.ts";
import { UsageError } from "../../src/options/usage_error.ts";
import { availableCpus } from "../../src/runtime/cpus.ts";

function refusal(input: ServeInput): string {
  return assertThrows(() => resolveOptions({ debugger: true, ...input }, {}), UsageError).message;
}

describe("with the debugger", () => {
  test("there must be one worker", () => {
    assertEquals(
      refusal({ workers: 3 }),
      "debugger shows one worker, and there are 3 (workers 3): give --workers 1",
    );
    resolveOptions({ debugger: true, workers: 1 }, {});
    resolveOptions({ debugger: false, workers: 3 }, {});
  });

  test("auto may be one worker", { skip: availableCpus() === 1 }, () => {
    const there = `there are ${availableCpus()} (workers "auto")`;
    assertStringIncludes(refusal({ workers: "auto" }), there);
  });

  test("its port must be its own", () => {
    assertEquals(
      refusal({ port: 6499 }),
      "6499 is the port of the debugger (default) and of the handler (port): each needs its own",
    );
    assertStringIncludes(
      refusal({ debuggerPort: 8001 }),
      "8001 is the port of the debugger (debuggerPort) and of the probes (default)",
    );
    resolveOptions({ debugger: true, debuggerPort: 0, port: 0 }, {});
    resolveOptions({ debugger: true, debuggerPort: 8001, probe: false }, {});
    resolveOptions({ debuggerPort: 8000 }, {});
  });

  test("an event loop may stand still for ever", () => {
    assertEquals(resolveOptions({ debugger: true, stallTimeout: "1s" }, {}).stallTimeout, Infinity);
    assertEquals(resolveOptions({ stallTimeout: "1s" }, {}).stallTimeout, 1000);
  });

  test("Kubernetes is worth a warning", () => {
    const [on, off] = [resolveOptions({ debugger: true }, {}), resolveOptions({}, {})];
    const kubernetes = { KUBERNETES_SERVICE_HOST: "10.0.0.1" };
    assertStringIncludes(debuggerWarnings(on, kubernetes).join(), "kubectl port-forward");
    assertEquals([debuggerWarnings(on, {}), debuggerWarnings(off, kubernetes)], [[], []]);
  });
});
