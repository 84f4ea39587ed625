import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { resolveOptions } from "../../src/options/resolve.ts";
import type { ServeInput } from "../../src/options/serve_options.ts";
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
  assertEquals(options.host, "0.0.0.0");
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

describe("TLS", () => {
  const tls = { tlsCert: "a", tlsKey: "b" };

  test("needs both of its files", () => {
    assertEquals(
      refusal({ tlsCert: "a" }),
      "tlsCert means nothing without --tls-key: give both or none of them",
    );
    assertEquals(
      refusal({ tlsKey: "a", tlsCert: undefined }),
      "tlsKey means nothing without --tls-cert: give both or none of them",
    );
    const { tlsCert, tlsKey } = resolveOptions(tls, {});
    assertEquals([tlsCert, tlsKey], ["a", "b"]);
  });

  test("is not for the probes", () => {
    const shared = { port: 80, probePort: "80" };
    assertEquals(
      refusal({ ...tls, ...shared }),
      "probePort is 80, where the handler speaks TLS and probes would have to: give another port",
    );
    assertEquals(resolveOptions(shared, {}).probePort, 80);
    assertEquals(resolveOptions({ ...tls, ...shared, probe: false }, {}).probePort, 80);
    assertEquals(resolveOptions({ ...tls, port: 0, probePort: 0 }, {}).probePort, 0);
  });
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

describe("paths", () => {
  test("must differ once they are normalised", () => {
    assertEquals(
      refusal({ startupProbe: "health/", livenessProbe: "/health" }),
      '"/health" is the path of the startup probe (startupProbe) and of the liveness probe ' +
        "(livenessProbe): each needs its own",
    );
    assertStringIncludes(refusal({ metrics: "alive" }), "liveness probe (default)");
  });

  test("may be the same where nothing listens on them", () => {
    resolveOptions({ probe: false, startupProbe: "/x", readinessProbe: "/x" }, {});
    assertEquals(resolveOptions({ metrics: false, startupProbe: "/metrics" }, {}).metrics, false);
  });
});

describe("hot reload", () => {
  test("has one worker, whoever asks for more", () => {
    const message = "autoreload reloads one worker, and workers is 3: use 1";
    assertEquals(refusal({ autoreload: true, workers: 3 }), message);
    assertEquals(resolveOptions({ autoreload: true, workers: 1 }, {}).autoreload, true);
  });

  test("needs a port of its own for the probes, if there are any", () => {
    const ports = { autoreload: true, port: 80, probePort: 80 };
    assertStringIncludes(refusal(ports), "--probe-port of its own, not 80");
    resolveOptions({ ...ports, probe: false }, {});
    resolveOptions({ autoreload: true, port: 0, probePort: 0 }, {});
  });
});

test("without probes there is no metrics endpoint", () => {
  assertEquals(resolveOptions({ probe: false, metrics: "/x" }, {}).metrics, false);
});
