import { describe, test } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { resolveOptions } from "../../src/options/resolve.ts";
import type { ServeInput } from "../../src/options/serve_input.ts";
import { UsageError } from "../../src/options/usage_error.ts";
import { runtime } from "../../src/runtime/mod.ts";
import { availableCpus } from "../../src/runtime/cpus.ts";
import { parseManifest, parseServe } from "../cli/parsed.ts";

function refusal(input: ServeInput): string {
  return assertThrows(() => resolveOptions(input, {}), UsageError).message;
}

describe("a debugger", () => {
  test("needs a single worker", () => {
    assertEquals(
      refusal({ debugger: true, workers: 3 }),
      "debugger shows one worker, and there are 3 (workers 3): give --workers 1",
    );
    resolveOptions({ debugger: true, workers: 1 }, {});
    resolveOptions({ debugger: false, workers: 3 }, {});
  });

  test("refuses auto where that is several", { skip: availableCpus() === 1 }, () => {
    const there = `there are ${availableCpus()} (workers "auto")`;
    assertStringIncludes(refusal({ debugger: true, workers: "auto" }), there);
  });

  test("needs a port of its own", () => {
    assertEquals(
      refusal({ debugger: true, port: 6499 }),
      "6499 is the port of the debugger (default) and of the handler (port): each needs its own",
    );
    assertStringIncludes(
      refusal({ debugger: true, debuggerPort: 8001 }),
      "8001 is the port of the debugger (debuggerPort) and of the probes (default)",
    );
    resolveOptions({ debugger: true, debuggerPort: 0, port: 0 }, {});
    resolveOptions({ debugger: true, debuggerPort: 8001, probe: false }, {});
    resolveOptions({ debuggerPort: 8000 }, {});
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

  test("may not be that of the status page, where that is asked for", () => {
    assertEquals(
      refusal({ statusPage: true, livenessProbe: "/" }),
      '"/" is the path of the status page (statusPage) and of the liveness probe (livenessProbe): ' +
        "each needs its own",
    );
    resolveOptions({ statusPage: false, livenessProbe: "/" }, {});
    resolveOptions({ autoreload: true, livenessProbe: "/" }, {});
    // There it is elsewhere.
    resolveOptions({ statusPage: true, livenessProbe: "/", port: 80, probePort: 80 }, {});
  });

  test("are each named as they were given", () => {
    const environment = { HURRICANE_METRICS: "/x/" };
    const read = () => parseServe(["--startup-probe=x"], environment, { name: "app" });
    const { message } = assertThrows(read, UsageError);
    assertEquals(
      message,
      '"/x" is the path of the startup probe (--startup-probe) and of the metrics endpoint ' +
        "(HURRICANE_METRICS): each needs its own",
    );
  });
});

describe("the files of TLS", () => {
  const tls = { tlsCert: "a", tlsKey: "b" };

  test("are given both or not at all", () => {
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

  test("are not for the probes", () => {
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

describe("two directories of --static", () => {
  test("may have a prefix each", () => {
    const value = ["a", "/=b", "/static/deep/=a"];
    assertEquals(resolveOptions({ static: value }, {}).static, value);
  });

  test("may not have the same one", () => {
    const both = () => resolveOptions({ static: ["a", "/b/=b", "/static/=c"] }, {});
    assertEquals(
      assertThrows(both, UsageError).message,
      'static gives "/static/" to "a" and to "c": each needs a prefix of its own, as in /other/=c',
    );
    const argv = ["--image", "web", "--static=/a/=b", "--static=/a/=c"];
    const { message } = assertThrows(() => parseManifest(argv), UsageError);
    assertEquals(message.split(":")[0], '--static gives "/a/" to "b" and to "c"');
  });
});

describe("a webhook's port that Deno's fetch blocks", () => {
  const url = "http://ops:secret@127.0.0.1:10080/hook";
  test(
    "is refused on Deno, without showing the password",
    { skip: runtime.name !== "deno" },
    () => {
      const message = refusal({ webhookUrl: ["http://127.0.0.1/hook", url] });
      assertStringIncludes(message, 'webhookUrl "http://***@127.0.0.1:10080/hook": port 10080');
    },
  );

  test("is taken on Bun", { skip: runtime.name !== "bun" }, () => {
    resolveOptions({ webhookUrl: url }, {});
  });

  test("is one that fetch would not call", { skip: runtime.name !== "deno" }, async () => {
    assertEquals(runtime.blockedPorts.size, 83);
    for (const port of [1, 6566, 10080]) {
      assertEquals(runtime.blockedPorts.has(port), true);
      await assertRejects(() => fetch(`http://127.0.0.1:${port}`), TypeError, "blocked");
    }
  });
});

describe("authorities of clients", () => {
  test("need a certificate", () => {
    const message = "tlsClientCa means nothing without --tls-cert and --tls-key";
    assertEquals(refusal({ tlsClientCa: "ca.crt" }), message);
  });

  test("do not go with hot reload", () => {
    const tls = { tlsCert: "c", tlsKey: "k", tlsClientCa: "ca" };
    assertStringIncludes(refusal({ ...tls, autoreload: true }), "cannot ask clients");
    resolveOptions(tls, {});
  });
});

describe("messages", () => {
  const amqpUrl = "amqp://user:hushhush@broker";

  test("of a broker need a queue", () => {
    assertEquals(
      refusal({ amqpUrl }),
      "amqpUrl needs --amqp-queue, the queue that messages are taken from",
    );
    resolveOptions({ amqpUrl, amqpQueue: ["jobs", "mails=/jobs"] }, {});
  });

  test("come from each queue once", () => {
    assertEquals(
      refusal({ amqpUrl, amqpQueue: ["jobs", "jobs=/other"] }),
      'amqpQueue names the queue "jobs" twice',
    );
  });

  test("cannot be posted where clients need a certificate", { skip: !runtime.asksClients }, () => {
    assertEquals(
      refusal({ amqpUrl, amqpQueue: "q", tlsCert: "c", tlsKey: "k", tlsClientCa: "a" }),
      "amqpUrl posts messages to the handler without a certificate, which tlsClientCa asks for: " +
        "leave one of them away",
    );
  });
});
