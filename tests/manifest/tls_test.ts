import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../src/options/usage_error.ts";
import { made } from "./made.ts";

const tls = ["--tls-cert", "/etc/tls/tls.crt", "--tls-key", "/etc/tls/tls.key"];
const tmp = { name: "tmp", mountPath: "/tmp" };

describe("with TLS, a manifest", () => {
  test("speaks it to the handler, and plain HTTP to the probes", () => {
    const { container, service, podMonitor } = made(["--monitor", ...tls]);
    assertEquals(container.ports, [
      { name: "https", containerPort: 8000 },
      { name: "probes", containerPort: 8001 },
    ]);
    for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"] as const) {
      assertEquals(container[probe]?.httpGet.port, "probes");
      assertEquals(Object.keys(container[probe]?.httpGet ?? {}), ["path", "port"]);
    }
    assertEquals(service.spec.ports, [
      { name: "https", port: 443, targetPort: "https", appProtocol: "https" },
    ]);
    assertEquals(podMonitor?.spec.podMetricsEndpoints[0]?.port, "probes");
    assertEquals(made(["--no-probe", ...tls]).container.ports, [
      { name: "https", containerPort: 8000 },
    ]);
  });

  test("takes the files from a Secret, which it says how to make", () => {
    const { container, pod, text } = made(["--name", "shop", ...tls]);
    assertEquals(container.args, ["--tls-cert=/etc/tls/tls.crt", "--tls-key=/etc/tls/tls.key"]);
    assertEquals(container.volumeMounts, [
      tmp,
      { name: "tls", mountPath: "/etc/tls", readOnly: true },
    ]);
    assertEquals(pod.volumes, [
      { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      { name: "tls", secret: { secretName: "shop-tls" } },
    ]);
    assertMatch(text, /^ *# kubectl create secret tls shop-tls .*\n(?: *#.*\n)* *secret:$/m);
    assertStringIncludes(text, "kubectl rollout restart deployment shop");
  });

  test("gives them the names that they are looked for by", () => {
    const { container, pod } = made(["--tls-cert=/certs//a/../server.pem", "--tls-key=/certs/k"]);
    assertEquals(container.volumeMounts[1]?.mountPath, "/certs");
    assertEquals(pod.volumes[1]?.secret?.items, [
      { key: "tls.crt", path: "server.pem" },
      { key: "tls.key", path: "k" },
    ]);
  });

  const elsewhere: Record<string, [string, string]> = {
    "relative paths": ["tls/tls.crt", "tls/tls.key"],
    "two directories": ["/a/tls.crt", "/b/tls.key"],
    "one file for both": ["/a/tls.pem", "/a/tls.pem"],
    "the root directory": ["/tls.crt", "/tls.key"],
    "the directory for temporary files": ["/tmp/tls.crt", "/tmp/tls.key"],
  };
  for (const [name, [cert, key]] of Object.entries(elsewhere)) {
    test(`refuses ${name}`, () => {
      const making = () => made(["--tls-cert", cert, "--tls-key", key]);
      assertThrows(making, UsageError, "--tls-cert and --tls-key must be two files of one");
    });
  }

  test("mounts the clients' authorities from the same Secret", () => {
    const { container, pod } = made([...tls, "--tls-client-ca", "/etc/tls/ca.crt"]);
    assertStringIncludes((container.args ?? []).join(" "), "--tls-client-ca=/etc/tls/ca.crt");
    assertStringIncludes(JSON.stringify(pod.volumes), "tls");
    const elsewhere = () => made([...tls, "--tls-client-ca", "/etc/other/ca.crt"]);
    assertThrows(elsewhere, UsageError, "--tls-client-ca must be three files of one");
  });
});
