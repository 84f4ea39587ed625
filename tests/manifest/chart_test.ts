import { describe, test, type TestContext } from "node:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { chartValues, passedValues } from "../../scripts/helm/chart_values.ts";
import { madeFiles } from "../../scripts/helm/made.ts";
import { manifestFlags } from "../../src/cli/commands/manifest_table.ts";
import { manifest } from "../../src/manifest/manifest.ts";
import { serveFlags, serveOptions } from "../../src/options/serve_table.ts";
import { UsageError } from "../../src/options/usage_error.ts";
import { parseManifest } from "../cli/parsed.ts";
import { sampleOf } from "../options/samples.ts";
import { helm, kubectl, kubernetesToolsMissing } from "../support/kubernetes/tools.ts";
import { TempDir } from "../support/temp_dir.ts";
import { image, readResources } from "./made.ts";
import { assertPublished, type Read } from "./published.ts";

const chart = fileURLToPath(new URL("../../docs/helm/hurricane/", import.meta.url));

/** Values of the chart, as its users write them. */
type Values = Record<string, unknown>;

for (const [path, text] of Object.entries(madeFiles())) {
  test(`docs/helm/hurricane/${path} is what scripts/chart writes`, () => {
    assertEquals(readFileSync(join(chart, path), "utf8"), text);
  });
}

function skipped(t: TestContext): boolean {
  if (kubernetesToolsMissing === undefined) return false;
  t.diagnostic(kubernetesToolsMissing);
  t.skip(kubernetesToolsMissing);
  return true;
}

/** What Helm makes of the chart for a release that is called `web`. */
function templated(values: Values, ...args: string[]) {
  using folder = new TempDir();
  const file = join(folder.path, "values.json");
  const text = JSON.stringify({ image, ...values });
  // Helm's reader of YAML takes those as escapes alone.
  writeFileSync(
    file,
    text.replaceAll(/[\x7f-\x9f\ufeff]/g, (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    }),
  );
  return helm("template", "web", chart, "--values", file, ...args);
}

function charted(values: Values, namespace: string): Read[] {
  const { status, stdout, stderr } = templated(values, "--namespace", namespace);
  assertEquals([status, stderr], [0, ""], JSON.stringify(values));
  return readResources(stdout);
}

/** The words for `hurricane manifest` that say the same as values. */
function wordsOf(values: Values, namespace: string): string[] {
  const flags = [...manifestFlags, ...serveFlags];
  const words = [`--image=${image}`, "--name=web", `--namespace=${namespace}`];
  for (const { key } of chartValues) {
    const value = values[key];
    if (value === undefined || value === null || key === "image") continue;
    if (key === "handler") {
      words.push(String(value));
      continue;
    }
    const on = flags.find(({ option, off }) => option.key === key && !off);
    const off = flags.find(({ option, off }) => option.key === key && off);
    if (value === false && off !== undefined) words.push(off.flag);
    else if (value === true && on?.takesValue === false) words.push(on.flag);
    else if (Array.isArray(value)) words.push(...value.map((item) => `${on?.flag}=${item}`));
    else if (typeof value === "object") {
      const variables = Object.entries(value).filter(([, value]) => value !== null).sort((
        [one],
        [other],
      ) => one < other ? -1 : 1);
      words.push(...variables.map(([name, value]) => `${on?.flag}=${name}=${value}`));
    } else if (on !== undefined) words.push(`${on.flag}=${value}`);
  }
  return words;
}

function byKind(resources: Read[]): Record<string, Read> {
  return Object.fromEntries(resources.map((resource) => [resource.kind, resource]));
}

/** Does the chart have what the manifest has, object by object? */
function assertSame(values: Values, namespace = "shop"): void {
  const found = charted(values, namespace);
  for (const resource of found) assertPublished(resource);
  const options = parseManifest(wordsOf(values, namespace));
  assertEquals(byKind(found), byKind(readResources(manifest(options))), JSON.stringify(values));
}

const tls = { tlsCert: "/etc/tls/tls.crt", tlsKey: "/etc/tls/tls.key" };

describe("the chart's output is what the manifest is", () => {
  const sets: Record<string, Values> = {
    "without options": {},
    "with a handler": { handler: "./handler.ts" },
    "for everything at once": {
      ...{ handler: "./handler.ts", autoscale: "2..10", monitor: true, dashboard: true },
      ...{ networkPolicy: true, ingress: "a.example", route: "*.b.example", gateway: "infra/g" },
      ...{ amqpQueue: ["jobs", "mails=/m=/n"], amqpPrefetch: 20, reqQueueLen: 25 },
      ...{ secretEnv: { HURRICANE_AMQP_URL: "mq/url", DATABASE_URL: "db.x/url.txt" } },
      ...{
        env: { MODE: "on", AT: "1:30", RAW: "$(HOME) $$ $$$( $" },
        prometheusUrl: "http://p:1/x",
      },
      ...{ tlsCert: "/tls/a.pem", tlsKey: "/tls//key", statusPage: true },
    },
    "with what a Prometheus of another name and namespace takes": {
      ...{ monitor: true, monitorLabel: ["release=kps", "a.example/b=", "release=kube"] },
      ...{ networkPolicy: true, prometheusNamespace: "observability" },
      env: { A: 9000, B: 1_000_000, C: 0.5, D: true, E: false, F: -1 },
    },
    "with a label that cannot be another": {
      ...{ monitor: true, monitorLabel: ["app.kubernetes.io/name=x"] },
    },
    "with secrets and webhooks": {
      secretEnv: { HURRICANE_WEBHOOK_SECRET: "web/s", HURRICANE_WEBHOOK_URL: "web/u", A: "b/c" },
    },
    "with webhooks": {
      webhookUrl: ["http://ops/hook", "https://ops.example/b"],
      webhookTimeout: "1.5s",
      env: { POD_NAME: "x", SERVICE_NAME: "y" },
    },
    "with a broker without a password": {
      ...{ amqpUrl: "amqp://broker/shop", amqpQueue: ["jobs"], autoscale: "1..5" },
    },
    "with commands": {
      command: ["./migrate.ts", "sh -c 'test \"$$\" -gt 0 && echo $(X) <&>'"],
      commandTimeout: "9m",
    },
    "with a command of an hour": { command: ["./migrate.ts"], commandTimeout: "1h" },
    "with sizes": { maxMemory: "300mb", workers: 2, memory: "2Gi", cpu: "250m", tmpSize: "1.5Gi" },
    "with a size in bytes": { maxMemory: 100_000_001, maxBodySize: 1_048_577, maxInflight: 1e6 },
    "with half a gigabyte": { maxMemory: "0.5gb", workers: 3 },
    "with no limit of memory": { maxMemory: "none" },
    "with workers by CPUs": { workers: "auto", cpuLimit: "2500m" },
    "with half a CPU": { workers: "auto", cpuLimit: 0.5 },
    "with whole CPUs": { cpu: 1, cpuLimit: "2" },
    "with low ports": { port: 80, probePort: 79 },
    "with one port": { port: 8080, probePort: 8080, monitor: true },
    "without probes": { probe: false, port: 80 },
    "without metrics": { metrics: false, networkPolicy: true },
    "without a Service": { noService: true, networkPolicy: true },
    "with messages alone": {
      ...{ noService: true, handler: "./h.ts", amqpUrl: "amqp://b", amqpQueue: ["jobs"], port: 80 },
    },
    "with messages alone for a program, without probes": {
      ...{ noService: true, amqpUrl: "amqp://b", amqpQueue: ["jobs"], probe: false },
      host: "127.0.0.1",
    },
    "without a Service and metrics": { noService: true, networkPolicy: true, metrics: false },
    "with TLS": { ...tls, route: "a.example", gateway: "g", ingress: "a.example" },
    "with TLS for clients": { ...tls, tlsClientCa: "/etc/tls/ca.crt" },
    "with other paths": {
      ...{ startupProbe: "s/", readinessProbe: "/r//", livenessProbe: "l", metrics: "m/" },
      ...{ monitor: true, checkTimeout: "1901ms" },
    },
    "with other times": {
      ...{ shutdownDelay: "0s", shutdownTimeout: "0.1m", startupTimeout: "301s" },
      ...{ webhookTimeout: "250ms", checkTimeout: "2s" },
    },
    "with numbers of pods": { replicas: 0, reqQueueLen: 0 },
    "with the least to scale by": { autoscale: "1..1", reqQueueLen: 3 },
    "with things on and off": {
      ...{ accessLog: true, requestId: false, logProbes: true, statusPage: false, monitor: false },
      ...{ trustedProxy: ["10.0.0.0/8", "::1"], logFormat: "json" },
    },
    "with text of all kinds": {
      handler: "./on $(X).ts",
      command: ["a 'b\\tc\\nd' é \u0085\u2028\ufeff\x7f: # <&> \\\\ {{ .Values }} %s"],
      env: { A: "true", B: "", C: "0o17", D: '{{ fail "x" }}', E: " - \n ", F: "\u2029'\"$" },
      reqQueueLen: 1_000_000,
      autoscale: "1..2147483647",
    },
    "with nothing but null": Object.fromEntries(
      chartValues.filter(({ key }) => key !== "image").map(({ key }) => [key, null]),
    ),
    "with variables that are null": { env: { A: null }, secretEnv: { B: null, C: "d/e" } },
    "with what is null": { port: null, webhookUrl: null, env: { A: null }, probe: null },
  };
  for (const [name, values] of Object.entries(sets)) {
    test(name, (t) => {
      if (!skipped(t)) assertSame(values);
    });
  }

  test("in any namespace, and under a name of its own", (t) => {
    if (skipped(t)) return;
    assertSame({ autoscale: "1..2", monitor: true }, "1e3");
    const [resource] = charted({ name: "on" }, "eu");
    assertEquals(resource?.metadata.name, "on");
  });

  test("for any options, each with a value that it may have", (t) => {
    if (skipped(t)) return;
    // With a companion or a secret they are above; the others would be refused together.
    const left = [
      "amqpUrl",
      "amqpQueue",
      "tlsCert",
      "tlsKey",
      "tlsClientCa",
      "debugger",
      "autoreload",
    ];
    const given = passedValues
      .filter(({ key, value, off }) => value !== undefined && !off && !left.includes(key))
      .filter(({ value }) => value !== "HOST" && value !== "PATH");
    const pairs = given.map(({ key }): [string, unknown] => [key, valid(key).text]);
    const subsets = fc.subarray(pairs, { minLength: 1 });
    fc.assert(fc.property(subsets, (chosen) => assertSame(Object.fromEntries(chosen))), {
      numRuns: 10,
    });
  });
});

/** Values of an option, as YAML has them. */
function valid(key: string): { text: unknown; otherText: unknown; wrong: unknown } {
  const option = serveOptions.find((option) => option.key === key);
  assert(option !== undefined);
  const { text, otherText, wrong } = sampleOf(option);
  if (option.value === undefined) return { text: true, otherText: false, wrong: "yes" };
  const written = (given: string): unknown => {
    if (option.repeatable) return [given];
    return /^-?\d+$/.test(given) ? Number(given) : given;
  };
  return { text: written(text), otherText: written(otherText), wrong: written(wrong) };
}

/** What the schema has against values, by their keys. */
function refusedBySchema(values: Values): string[] {
  const { stderr } = templated(values);
  if (!stderr.includes("don't meet the specifications")) return [];
  return [...new Set([...stderr.matchAll(/at '\/(\w+)/g)].map(([, key = ""]) => key))];
}

describe("the schema of the values", () => {
  // What only Hurricane can read: it says so when the pod starts. A size is for the templates to read.
  const unread = ["command", "maxMemory"];

  test("allows what Hurricane allows", (t) => {
    if (skipped(t)) return;
    for (const which of ["text", "otherText"] as const) {
      const values = passedValues.map(({ key }) => [key, valid(key)[which]]);
      assertEquals(refusedBySchema(Object.fromEntries(values)), []);
    }
  });

  test("refuses what Hurricane refuses", (t) => {
    if (skipped(t)) return;
    const keys = passedValues.map(({ key }) => key).filter((key) => !unread.includes(key));
    const values = keys.map((key) => [key, valid(key).wrong]);
    assertEquals(refusedBySchema(Object.fromEntries(values)).sort(), keys.sort());
  });

  test("refuses what manifest refuses", (t) => {
    if (skipped(t)) return;
    const wrong: Values = {
      ...{ image: "We b", name: "1web", replicas: -1, cpu: "x", cpuLimit: "0.0001" },
      ...{
        memory: "512m",
        tmpSize: "64",
        noService: "no",
        route: "https://a",
        ingress: "10.0.3.17",
      },
      ...{ gateway: "a/b/c", networkPolicy: 1, env: { "1A": "x" }, secretEnv: { A: "b" } },
      ...{ startupTimeout: "5", autoscale: "10", prometheusUrl: "http://u:secret@p" },
      ...{ prometheusNamespace: "Monitoring", monitorLabel: ["release"] },
      ...{ monitor: "maybe", dashboard: 0, handler: 5, prot: 80, webhookSecret: "whsec_x" },
    };
    const { stderr } = templated(wrong);
    const missing = Object.keys(wrong).filter((key) => !stderr.includes(`'/${key}`));
    // They are none of its values.
    assertEquals(missing, ["prot", "webhookSecret"]);
    assertMatch(stderr, /additional properties .*'prot'.* not allowed/);
    assertMatch(stderr, /additional properties .*'webhookSecret'.* not allowed/);
  });

  test("refuses as text what stands for on or off", (t) => {
    if (skipped(t)) return;
    for (const metrics of ["false", "No", "TRUE"]) {
      assertEquals(refusedBySchema({ metrics }), ["metrics"], metrics);
    }
    assertEquals(refusedBySchema({ metrics: "/false" }), []);
  });

  test("allows what Helm puts into the values of a part of another chart", (t) => {
    if (!skipped(t)) assertEquals(templated({ global: { any: 1 } }).status, 0);
  });
});

describe("refused by the chart, as by manifest, are", () => {
  const long = "a".repeat(47);
  const consumed = { noService: true, amqpUrl: "amqp://b", amqpQueue: ["jobs"] };
  const refused: [Values, string][] = [
    [{ name: long, autoscale: "1..2" }, "can have 46 characters"],
    [{ amqpUrl: "amqp://broker" }, "amqpUrl needs amqpQueue"],
    [{ secretEnv: { HURRICANE_AMQP_URL: "a/b" } }, "amqpUrl needs amqpQueue"],
    [
      { ...tls, tlsClientCa: "/etc/tls/ca", amqpUrl: "amqp://b", amqpQueue: ["a"] },
      "set one of them",
    ],
    [
      { webhookUrl: ["http://a"], secretEnv: { HURRICANE_WEBHOOK_URL: "a/b" } },
      "secretEnv.HURRICANE_WEBHOOK_URL and webhookUrl contradict each other",
    ],
    [{ env: { A: "1" }, secretEnv: { A: "b/c" } }, "the variable A is in env and in secretEnv"],
    [{ env: { HURRICANE_PORT: "1" } }, "the variable HURRICANE_PORT is Hurricane's own"],
    [{ env: { HURRICANE_AMQP_URL: "amqp://b" } }, "HURRICANE_AMQP_URL is Hurricane's own"],
    [{ secretEnv: { PORT: "a/b" } }, "the variable PORT is Hurricane's own"],
    [
      { secretEnv: { HURRICANE_AMQP_URL_FILE: "a/b" } },
      "HURRICANE_AMQP_URL_FILE is Hurricane's own",
    ],
    [{ port: 0 }, "port and probePort cannot be 0"],
    [{ probePort: 0 }, "port and probePort cannot be 0"],
    [{ port: 65535 }, "port is 65535, and no port follows it"],
    [{ host: "127.0.0.1" }, 'host "127.0.0.1" cannot be reached in a pod'],
    [{ probeHost: "[::1]" }, 'probeHost "::1" cannot be reached in a pod'],
    [{ startupProbe: "ready" }, "must be different paths"],
    [{ probe: false, startupTimeout: "1m" }, "probe: false and startupTimeout contradict"],
    [{ probe: false, networkPolicy: true }, "probe: false and networkPolicy contradict"],
    [{ probe: false, monitor: true }, "probe: false and monitor contradict"],
    [{ metrics: false, autoscale: "1..2" }, "metrics: false and autoscale contradict"],
    [{ metrics: false, dashboard: true }, "metrics: false and dashboard contradict"],
    [{ tlsCert: "/etc/tls/a" }, "tlsCert and tlsKey mean nothing without each other"],
    [{ tlsClientCa: "/etc/tls/a" }, "tlsClientCa means nothing without"],
    [{ ...tls, probePort: 8000 }, "where the handler speaks TLS"],
    [{ tlsCert: "/a/b", tlsKey: "/c/d" }, "files of one directory of their own"],
    [{ tlsCert: "/tmp/b", tlsKey: "/tmp/d" }, "files of one directory of their own"],
    [{ tlsCert: "b", tlsKey: "d" }, "files of one directory of their own"],
    [{ tlsCert: "/a/b", tlsKey: "/a/b" }, "files of one directory of their own"],
    [{ debugger: true, workers: 2 }, "debugger shows one worker"],
    [{ debugger: true, debuggerPort: 8001 }, "debuggerPort is that of"],
    [{ autoreload: true, workers: 2 }, "autoreload is for one worker"],
    [{ autoreload: true, probePort: 8000 }, "autoreload is for one worker"],
    [{ static: ["a", "/static/=b"] }, "static gives one prefix to several directories"],
    [{ autoscale: "5..2" }, "the least number of pods is above the most"],
    [{ autoscale: "1..2", replicas: 2 }, "replicas and autoscale contradict each other"],
    [{ prometheusUrl: "http://p" }, "prometheusUrl means nothing without autoscale"],
    [{ monitorLabel: ["a=b"] }, "monitorLabel means nothing without monitor"],
    [{ prometheusNamespace: "a" }, "prometheusNamespace means nothing without networkPolicy"],
    [{ workers: "auto" }, "set cpuLimit, or a number of workers"],
    [{ maxMemory: "12kb" }, "maxMemory must be 32mb or more"],
    [{ cpu: 0 }, "cpu must be CPUs above 0"],
    [{ cpu: "1001m", cpuLimit: 1 }, "cpu 1001m is more than cpuLimit 1"],
    [{ memory: "727Mi", workers: 2, maxMemory: "300mb" }, "that takes at least 728Mi"],
    [{ route: "a.example" }, "route and gateway mean nothing without each other"],
    [{ gateway: "g" }, "route and gateway mean nothing without each other"],
    [{ ...consumed, host: "0.0.0.0" }, 'listens on 127.0.0.1 alone, and host is "0.0.0.0"'],
    [{ amqpQueue: ["jobs"] }, "amqpQueue means nothing without the broker"],
    [{ ...consumed, probePort: 8000 }, "no kubelet could reach the probes"],
    [{ noService: true, route: "a.example", gateway: "g" }, "noService contradicts"],
    [{ noService: true, ingress: "a.example" }, "noService contradicts"],
    [{ networkPolicy: true, probePort: 8000 }, "cannot tell probes from requests"],
  ];
  for (const [values, message] of refused) {
    test(JSON.stringify(values), (t) => {
      if (skipped(t)) return;
      const name = typeof values["name"] === "string" ? [`--name=${values["name"]}`] : [];
      const words = wordsOf(values, "shop").filter((word) => word !== "--name=web" || !name.length);
      assertThrows(() => parseManifest(words), UsageError);
      const { status, stderr } = templated(values);
      assertEquals(status, 1);
      assertStringIncludes(stderr, message);
    });
  }

  test("no image", (t) => {
    if (skipped(t)) return;
    assertStringIncludes(templated({ image: "" }).stderr, "no image is given, as in: --set image=");
  });

  test("a release whose name no Service can have", (t) => {
    if (skipped(t)) return;
    const { stderr } = helm("template", "1web", chart, "--set", `image=${image}`);
    assertStringIncludes(stderr, '"1web", after the release, cannot be the name of a Service');
  });

  // manifest leaves them out, and the chart cannot: values are kept where releases are.
  const secretUrls = [
    { webhookUrl: ["https://user:p4ss@ops/"] },
    { webhookUrl: ["https://ops/?t=p4ss"] },
    { webhookUrl: ["http://ops/", `https://ops/a/${"p4ss".repeat(5)}`] },
    { amqpUrl: "amqps://user:p4ss@broker/shop", amqpQueue: ["jobs"] },
  ];
  for (const values of secretUrls) {
    test(`what is secret: ${JSON.stringify(values)}`, (t) => {
      if (skipped(t)) return;
      assertEquals(parseManifest(wordsOf(values, "shop")).secrets.length, 1);
      const { status, stderr } = templated(values);
      assertEquals([status, stderr.includes("p4ss")], [1, false]);
      assertStringIncludes(stderr, "must not hold what is secret");
    });
  }
});

test("helm lint has nothing against the chart, with values and without", (t) => {
  if (skipped(t)) return;
  for (const values of [[], ["--set", `image=${image},autoscale=1..2,monitor=true`]]) {
    const { status, stdout, stderr } = helm("lint", "--strict", chart, ...values);
    assertEquals(status, 0, stdout + stderr);
    const told = stderr.trim().split("\n").filter((line) => !line.includes("no image is given"));
    assertEquals(told.join("\n"), "");
    assertEquals(stdout.match(/\[(WARNING|ERROR)\].*/g) ?? [], []);
  }
});

test("an installation says which Secrets it waits for", (t) => {
  if (skipped(t)) return;
  const { stdout } = helm(
    ...["install", "web", chart, "--dry-run=client", "--set"],
    `image=${image},secretEnv.DATABASE_URL=db/url`,
  );
  assertMatch(stdout, /^http:\/\/web\.default is served once a pod is ready/m);
  assertMatch(stdout, /^DATABASE_URL is what the Secret db has as url/m);
});

test("an installation warns of what manifest warns of", (t) => {
  if (skipped(t)) return;
  const warned = (...more: string[]): string[] => {
    const values = [`image=${image}`, ...more].join(",");
    const { stdout } = helm("install", "web", chart, "--dry-run=client", "--set", values);
    return stdout.split("\n").filter((line) => line.startsWith("WARNING: "));
  };
  assertEquals(warned(), []);
  assertEquals(warned("shutdownDelay=4s", "replicas=1"), []);
  assertEquals(warned("shutdownDelay=0s", "noService=true"), []);
  assertEquals(warned("memory=192Mi", "secretEnv.HURRICANE_WEBHOOK_SECRET=a/b"), []);
  const [memory, signature] = warned("memory=383Mi", "workers=4", "webhookUrl={http://ops/}");
  assertStringIncludes(
    memory ?? "",
    "4 workers, and another one while one is replaced, take 384Mi",
  );
  assertStringIncludes(signature ?? "", "webhooks are not signed");
  const [delay, replicas] = warned("shutdownDelay=3999ms", "replicas=0");
  assertStringIncludes(delay ?? "", "with shutdownDelay 3999ms each rollout loses requests");
  assertStringIncludes(replicas ?? "", "kubectl -n default scale deployment web --replicas 2");
});

test("the guide names the versions that this is tested with", (t) => {
  if (skipped(t)) return;
  const guide = readFileSync(new URL("../../docs/guide/kubernetes.md", import.meta.url), "utf8")
    .replaceAll("\n", " ");
  const [, helmVersion] = /^v([\d.]+)/.exec(helm("version", "--short").stdout) ?? [];
  const client = kubectl("version", "--client").stdout;
  const [, kubectlVersion] = /^Client Version: v([\d.]+)$/m.exec(client) ?? [];
  const [, kustomizeVersion] = /^Kustomize Version: v([\d.]+)$/m.exec(client) ?? [];
  assertStringIncludes(
    guide,
    `kubectl ${kubectlVersion}, its kustomize ${kustomizeVersion}, and Helm ${helmVersion};`,
  );
  const lock = readFileSync(new URL("../../deno.lock", import.meta.url), "utf8");
  const [, models] = /"kubernetes-models@([\d.]+)"/.exec(lock) ?? [];
  assertStringIncludes(guide, `\`kubernetes-models\` ${models} `);
});
