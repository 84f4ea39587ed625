import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse, fail } from "@std/assert";
import fc from "fast-check";
import { resolveOptions } from "../../src/options/resolve.ts";
import { made } from "./made.ts";

function probesOf(args: string[] = []) {
  const { startupProbe, readinessProbe, livenessProbe } = made(args).container;
  if (!startupProbe || !readinessProbe || !livenessProbe) fail("there must be three probes");
  return { startupProbe, readinessProbe, livenessProbe };
}

function addresses(args: string[] = []) {
  const { startupProbe, readinessProbe, livenessProbe } = probesOf(args);
  return [startupProbe, readinessProbe, livenessProbe].map(({ httpGet }) =>
    `${httpGet.port} ${httpGet.path}`
  );
}

describe("probes", () => {
  test("are where the service answers them", () => {
    assertEquals(addresses(), ["probes /startup", "probes /ready", "probes /alive"]);
    const paths = ["--startup-probe=s/", "--readiness-probe=/r", "--liveness-probe", "/l/l"];
    assertEquals(addresses(paths), ["probes /s", "probes /r", "probes /l/l"]);
  });

  test("have a port of their own, or the handler's", () => {
    const ports = (args: string[]) => made(args).container.ports;
    assertEquals(ports(["--port", "3000"]), [
      { name: "http", containerPort: 3000 },
      { name: "probes", containerPort: 3001 },
    ]);
    assertEquals(ports(["--probe-port", "9"])?.[1], { name: "probes", containerPort: 9 });
    const shared = ["--port", "3000", "--probe-port=3000"];
    assertEquals(ports(shared), [{ name: "http", containerPort: 3000 }]);
    assertEquals(addresses(shared), ["http /startup", "http /ready", "http /alive"]);
  });

  test("are none where the service has none", () => {
    const { container, text } = made(["--no-probe"]);
    assertEquals(container.ports, [{ name: "http", containerPort: 8000 }]);
    assertFalse(text.includes("Probe"), text);
    assertEquals(made(["--port=65535", "--no-probe"]).container.ports?.[0]?.containerPort, 65535);
  });

  test("without options", () => {
    const { startupProbe, readinessProbe, livenessProbe } = probesOf();
    const times = ({ httpGet: _where, ...times }: typeof startupProbe) => times;
    assertEquals(times(startupProbe), {
      periodSeconds: 2,
      timeoutSeconds: 1,
      failureThreshold: 151,
    });
    assertEquals(times(readinessProbe), {
      periodSeconds: 1,
      timeoutSeconds: 1,
      failureThreshold: 2,
    });
    assertEquals(times(livenessProbe), {
      periodSeconds: 10,
      timeoutSeconds: 1,
      failureThreshold: 3,
    });
  });

  test("of readiness have a pod taken out before it stops serving, also where nobody deletes it", () => {
    const { periodSeconds, failureThreshold } = probesOf().readinessProbe;
    const inKubernetes = { KUBERNETES_SERVICE_HOST: "kubernetes.default.svc" };
    const { shutdownDelay } = resolveOptions({}, inKubernetes);
    const proxiesHear = 2;
    assert((periodSeconds * failureThreshold + proxiesHear) * 1000 < shutdownDelay);
  });

  test("take longer than the handler's checks, but no second more than that needs", () => {
    const seconds = (time: string) => probesOf(["--check-timeout", time]).readinessProbe;
    assertEquals(seconds("900ms").timeoutSeconds, 1);
    assertEquals(seconds("1s").timeoutSeconds, 2);
    fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (limit) => {
      const { readinessProbe, livenessProbe } = probesOf(["--check-timeout", `${limit}ms`]);
      for (const { timeoutSeconds } of [readinessProbe, livenessProbe]) {
        assert(timeoutSeconds * 1000 >= limit + 100 && (timeoutSeconds - 1) * 1000 < limit + 100);
      }
    }));
  });
});

describe("the startup probe", () => {
  /** From the first answer, which comes at once, to the one after which the pod is restarted. */
  function patience(args: string[]): number {
    const { periodSeconds, failureThreshold } = probesOf(args).startupProbe;
    return periodSeconds * (failureThreshold - 1) * 1000;
  }

  test("waits for as long as a start may take, and not much longer", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (limit) => {
      const found = patience(["--startup-timeout", `${limit}ms`]);
      assert(found >= limit && found < limit + 2000, `${found}`);
    }));
  });

  test("lets the commands take the time that they may take", () => {
    const minute = 60_000;
    assertEquals(patience([]), 5 * minute);
    assertEquals(patience(["--command", "a", "--command-timeout", "3m"]), 5 * minute);
    const two = ["--command=a", "--command=b", "--command-timeout", "3m"];
    assertEquals(patience(two), 7 * minute);
    assertEquals(patience([...two, "--startup-timeout", "1m"]), minute);
  });
});

describe("the grace period", () => {
  test("without options is 40 s: the delay is the one that Hurricane has in Kubernetes", () => {
    assertEquals(made().pod.terminationGracePeriodSeconds, 40);
    assertEquals(made(["--shutdown-delay", "0s"]).pod.terminationGracePeriodSeconds, 35);
  });

  test("exceeds all that a shutdown may take", () => {
    const duration = fc.integer({ min: 1, max: 2 ** 31 - 1 });
    fc.assert(fc.property(duration, duration, duration, (delay, timeout, webhook) => {
      const { terminationGracePeriodSeconds } = made([
        `--shutdown-delay=${delay}ms`,
        `--shutdown-timeout=${timeout}ms`,
        `--webhook-timeout=${webhook}ms`,
      ]).pod;
      const leastForShutdown = 5000;
      assert(terminationGracePeriodSeconds * 1000 > delay + timeout + leastForShutdown + webhook);
      assert(terminationGracePeriodSeconds * 1000 > delay + timeout + 10_000);
    }));
  });
});
