import { describe, test } from "node:test";
import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { manifestFlags } from "../../../src/cli/commands/manifest_table.ts";
import { type Builtin, parseManifest } from "../parsed.ts";
import { serveFlags } from "../../../src/options/serve_table.ts";
import { UsageError } from "../../../src/options/usage_error.ts";
import { validSecret } from "../../options/samples.ts";

const image = ["--image", "registry.example/web:1"];
const consumed = [...image, "--no-service", "--amqp-url=amqp://broker", "--amqp-queue=jobs"];

function refusal(argv: string[], builtin?: Builtin): string {
  return assertThrows(() => parseManifest(argv, builtin), UsageError).message;
}

test("without options", () => {
  const { service, ...own } = parseManifest(image);
  assertEquals<unknown>(own, {
    image: "registry.example/web:1",
    name: "web",
    replicas: 2,
    prometheusUrl: "http://prometheus.monitoring.svc:9090",
    prometheusNamespace: "monitoring",
    monitor: false,
    monitorLabel: [],
    dashboard: false,
    tmpSize: "64Mi",
    networkPolicy: false,
    noService: false,
    startupTimeout: 300_000,
    args: [],
    secrets: [],
    env: [],
    secretEnv: [],
  });
  assertEquals([service.port, service.probePort, service.shutdownDelay], [8000, 8001, 5000]);
});

test("with options of both commands, in any order", () => {
  const { service, args, ...own } = parseManifest([
    ...["--port", "80", "--autoscale", "2..10", "a.ts", "--name=shop", "--no-metrics=false"],
    ...["--monitor", "--image", "web", "--prometheus-url=http://p", "--namespace", "0x1"],
  ]);
  assertEquals(args, ["serve", "a.ts", "--port=80", "--no-metrics=false"]);
  assertEquals([own.autoscale, own.name, own.monitor], [{ min: 2, max: 10 }, "shop", true]);
  assertEquals([own.image, own.prometheusUrl, own.namespace], ["web", "http://p", "0x1"]);
  assertEquals([service.port, service.probePort, service.metrics], [80, 81, "/metrics"]);
});

describe("refused is", () => {
  const names = "at most 63 lower-case letters, digits and dashes, the first";
  const long = "a".repeat(64);
  const twice = "the variable A is given twice, and can be given once";
  const wrong: [string[], string][] = [
    [
      [...image, "--monitor", "--monitor-label", "release"],
      '--monitor-label "release": it must be KEY=VALUE, of at most 63 letters, digits, dots, dashes and underscores each, the first and the last a letter or a digit',
    ],
    [[...image, "--monitor-label=a=b"], "--monitor-label means nothing without --monitor"],
    [
      [...image, "--prometheus-namespace=prometheus"],
      "--prometheus-namespace means nothing without --network-policy",
    ],
    [
      [...image, "--config", "web.toml"],
      "unknown option --config; --config is for serve and consume, and a manifest has to fit the options: give those",
    ],
    [[...image, "--bind=:80"], "unknown option --bind; give --host and --port"],
    [[], "no image is given, as in: hurricane manifest --image registry.example/web"],
    [
      ["--image", "We b"],
      '--image must be an image such as registry.example/web:1.2, in lower case, not "We b"',
    ],
    [
      ["--image="],
      '--image must be an image such as registry.example/web:1.2, in lower case, not ""',
    ],
    [
      ["--image"],
      "--image needs a value: an image such as registry.example/web:1.2, in lower case (one that begins with a dash: --image=-…)",
    ],
    [
      ["--image", "a/2048"],
      '"2048", after the image, cannot be the name of a Service: give --name',
    ],
    [["--image", long], `"${long}", after the image, cannot be the name of a Service: give --name`],
    [
      [...image, "--name", "Web"],
      `--name must be ${names} a letter and the last no dash, not "Web"`,
    ],
    [
      [...image, "--name", "1web"],
      `--name must be ${names} a letter and the last no dash, not "1web"`,
    ],
    [
      [...image, "--name", "web-"],
      `--name must be ${names} a letter and the last no dash, not "web-"`,
    ],
    [
      [...image, "--name", long],
      `--name must be ${names} a letter and the last no dash, not "${long}"`,
    ],
    [
      [...image, "--namespace", "a.b"],
      `--namespace must be ${names} and the last no dash, not "a.b"`,
    ],
    [
      [...image, "--replicas", "-1"],
      "--replicas needs a value: a whole number from 0 to 2147483647 (one that begins with a dash: --replicas=-…)",
    ],
    [
      [...image, "--replicas=2147483648"],
      '--replicas must be a whole number from 0 to 2147483647, not "2147483648"',
    ],
    [
      [...image, "--startup-timeout", "5"],
      '--startup-timeout must be a duration above 0 with its unit, such as 500ms, 5s, 2m or 1h, and at most 596h, not "5"',
    ],
    [
      [...image, "--autoscale", "10"],
      '--autoscale must be a least and a most number of pods, such as 2..10, not "10"',
    ],
    [
      [...image, "--autoscale", "2..x"],
      '--autoscale must be a least and a most number of pods, such as 2..10, not "2..x"',
    ],
    [
      [...image, "--autoscale", "5..2"],
      '--autoscale "5..2": the least number of pods, 5, is above the most, 2',
    ],
    [
      [...image, "--autoscale", "0..2"],
      '--autoscale "0..2": at least one pod must stay, for without one there is no queue to look at',
    ],
    [
      [...image, "--autoscale=1..2147483648"],
      '--autoscale "1..2147483648": Kubernetes counts to 2147483647',
    ],
    [
      [...image, "--autoscale=1..2", "--replicas=2"],
      "--replicas and --autoscale contradict each other: give one of them",
    ],
    [
      [...image, "--autoscale=1..2", "--no-metrics"],
      "--no-metrics and --autoscale contradict each other: give one of them",
    ],
    [
      [...image, "--autoscale=1..2", "--no-probe"],
      "--no-probe and --autoscale contradict each other: without probes there are no metrics",
    ],
    [
      [...image, "--autoscale=1..2", "--name", "a".repeat(47)],
      `with --autoscale, the name "${
        "a".repeat(47)
      }" can have 46 characters: Kubernetes cuts longer ones in the names of pods; give --name`,
    ],
    [
      [...image, "--monitor", "--no-metrics"],
      "--no-metrics and --monitor contradict each other: give one of them",
    ],
    [
      [...image, "--monitor", "--no-probe"],
      "--no-probe and --monitor contradict each other: without probes there are no metrics",
    ],
    [
      [...image, "--dashboard", "--no-probe"],
      "--no-probe and --dashboard contradict each other: without probes there are no metrics",
    ],
    [[...image, "--monitor=maybe"], '--monitor must be true, false, 1, 0, yes or no, not "maybe"'],
    [
      [...image, "--startup-timeout=1m", "--no-probe"],
      "--no-probe and --startup-timeout contradict each other: give one of them",
    ],
    [
      [...image, "--prometheus-url", "http://p"],
      "--prometheus-url means nothing without --autoscale",
    ],
    [
      [...image, "--autoscale=1..2", "--prometheus-url=p:9090"],
      '--prometheus-url must be an absolute http or https URL, such as https://example.com/hook, not "p:9090"',
    ],
    [
      [...image, "--autoscale=1..2", "--prometheus-url=http://u:secret@p"],
      '--prometheus-url "http://***@p/": credentials must not be in a manifest; KEDA takes them from a TriggerAuthentication',
    ],
    [
      [...image, "--network-policy", "--no-probe"],
      "--no-probe and --network-policy contradict each other: give one of them",
    ],
    [
      [...image, "--network-policy", "--probe-port=8000"],
      "--network-policy cannot tell probes from requests, which are both on port 8000: give the probes a --probe-port of their own",
    ],
    [
      [...image, "--route", "example.com"],
      "--route needs the Gateway that it is attached to: give --gateway, as in --gateway infra/public",
    ],
    [[...image, "--gateway", "public"], "--gateway means nothing without --route"],
    [
      [...image, "--route", "example.com", "--gateway=public", "--no-service"],
      "--no-service and --route contradict each other: give one of them",
    ],
    [
      [...consumed, "--host=0.0.0.0"],
      'consume listens on 127.0.0.1 alone, and the host is "0.0.0.0": leave it away, or use serve',
    ],
    [
      [...image, "--amqp-queue=jobs"],
      "--amqp-queue means nothing without the broker: give --amqp-url, or " +
      "--secret-env HURRICANE_AMQP_URL=SECRET/KEY",
    ],
    [
      [...consumed, "--probe-port=8000"],
      "consume listens on 127.0.0.1, where no kubelet could reach the probes: give them a " +
      "--probe-port of their own, not 8000",
    ],
    [
      [...image, "--ingress", "example.com", "--no-service"],
      "--no-service and --ingress contradict each other: give one of them",
    ],
    [
      [...image, "--ingress", "10.0.3.17"],
      '--ingress must be a host name such as shop.example.com or *.example.com, in lower case, and no address, not "10.0.3.17"',
    ],
    [[...image, "--env", "A"], '--env "A": it must be NAME=VALUE'],
    [
      [...image, "--env", "1A=hushhush"],
      '--env "1A=***": the name of a variable has letters, digits and underscores, and no digit first',
    ],
    [[...image, "--env=A=1", "--env=B=1", "--secret-env=A=b/c"], twice],
    [
      [...image, "--env", "HURRICANE_REQ_QUEUE_LEN=5"],
      "--env HURRICANE_REQ_QUEUE_LEN stands for --req-queue-len, which the manifest has to fit: give --req-queue-len",
    ],
    [
      [...image, "--env", "PORT=80"],
      "--env PORT stands for --port, which the manifest has to fit: give --port",
    ],
    [
      [...image, "--env", "HURRICANE_PROT=80"],
      '--env "HURRICANE_PROT": Hurricane has no such variable',
    ],
    [
      [...image, "--env", "HURRICANE_AMQP_URL=amqp://a:hushhush@b"],
      "--env HURRICANE_AMQP_URL stands for --amqp-url, which the manifest has to fit: give --amqp-url, or --secret-env HURRICANE_AMQP_URL=SECRET/KEY",
    ],
    [
      [...image, "--secret-env", "HURRICANE_AMQP_URL_FILE=a/b"],
      "--secret-env HURRICANE_AMQP_URL_FILE stands for --amqp-url, which the manifest has to fit: give --amqp-url, or --secret-env HURRICANE_AMQP_URL=SECRET/KEY",
    ],
    [
      [...image, "--secret-env", "HURRICANE_AMQP_URL=a/b"],
      "--secret-env HURRICANE_AMQP_URL needs --amqp-queue, the queue that messages are taken from",
    ],
    [
      [...image, "--secret-env=HURRICANE_WEBHOOK_SECRET=a/b", `--webhook-secret=${validSecret}`],
      "--secret-env HURRICANE_WEBHOOK_SECRET and --webhook-secret contradict each other: give one of them",
    ],
    ...["A=b", "A=b/", "A=/b", "A=b/c/d", "A=B/c", "A=b/ü", `A=${"b".repeat(254)}/c`].map((
      given,
    ): [string[], string] => [
      [...image, "--secret-env", given],
      `--secret-env "${
        given.length > 80 ? `${given.slice(0, 80)}…` : given
      }": the value must be the name of a Secret and a key in it, as in database/url`,
    ]),
    [
      [...image, "--route", "https://example.com"],
      '--route must be a host name such as shop.example.com or *.example.com, in lower case, and no address, not "https://example.com"',
    ],
    [
      [...image, "--route", "10.0.3.17"],
      '--route must be a host name such as shop.example.com or *.example.com, in lower case, and no address, not "10.0.3.17"',
    ],
    [
      [...image, "--route", "example.com", "--gateway", "a/b/c"],
      '--gateway must be the name of a Gateway, or its namespace and its name, such as infra/public, not "a/b/c"',
    ],
    [
      [...image, "--cpu", "0"],
      '--cpu must be CPUs above 0 as Kubernetes writes them, such as 250m, 0.5 or 2, not "0"',
    ],
    [
      [...image, "--cpu-limit", "0.0001"],
      '--cpu-limit must be CPUs above 0 as Kubernetes writes them, such as 250m, 0.5 or 2, not "0.0001"',
    ],
    [
      [...image, "--cpu", "1001m", "--cpu-limit", "1"],
      '--cpu "1001m" is more than --cpu-limit "1": a pod cannot ask for more than it may use',
    ],
    [
      [...image, "--memory", "512m"],
      '--memory must be a size above 0 as Kubernetes writes it, with its unit, such as 512Mi or 1.5Gi, not "512m"',
    ],
    [
      [...image, "--tmp-size", "64"],
      '--tmp-size must be a size above 0 as Kubernetes writes it, with its unit, such as 512Mi or 1.5Gi, not "64"',
    ],
    [
      [...image, "--memory", "727Mi", "--workers=2", "--max-memory=300mb"],
      '--memory "727Mi" is too little for --max-memory: with 2 workers, and another one while one is replaced, that takes at least 728Mi',
    ],
    [
      [...image, "--workers", "auto"],
      "without a limit, --workers auto is one for each CPU of the node, and nobody knows how much memory they need: give --cpu-limit, or a number of --workers",
    ],
    [[...image, "--port", "0"], "--port cannot be 0 in a manifest, where the port must be known"],
    [
      [...image, "--probe-port", "0"],
      "--probe-port cannot be 0 in a manifest, where the port must be known",
    ],
    [
      [...image, "--host", "127.0.0.1"],
      '--host "127.0.0.1" cannot be reached in a pod, whose address nobody knows before: give 0.0.0.0 or ::',
    ],
    [
      [...image, "--probe-host", "[::1]"],
      '--probe-host "::1" cannot be reached in a pod, whose address nobody knows before: give 0.0.0.0 or ::',
    ],
    [[...image, "--port", "x"], '--port must be a port from 0 to 65535, not "x"'],
    [[...image, "--imgae", "x"], "unknown option --imgae; did you mean --image?"],
    [[...image, "--prot", "80"], "unknown option --prot; did you mean --port?"],
    [[...image, "a.ts", "b.ts"], 'the handler must be one path in the image, not "a.ts" "b.ts"'],
    [[...image, ""], 'the handler must be one path in the image, not ""'],
    [[...image, ...image], "--image is given twice, and can be given once"],
  ];
  for (const [argv, message] of wrong) {
    test(argv.join(" ") || "nothing", () => assertEquals(refusal(argv), message));
  }

  test("a handler where one is built in", () => {
    const message = refusal([...image, "a.ts"], { name: "./app" });
    assertEquals(message, '"a.ts" is one too many: the handler ./app is built in');
  });
});

test("accepted are the longest names, all addresses of a pod, and no probes on no port", () => {
  const name = "a".repeat(63);
  assertEquals(parseManifest(["--image", name]).name, name);
  assertEquals(parseManifest([...image, "--namespace", name]).namespace, name);
  assertEquals(parseManifest([...image, "--host", "[::]"]).service.probeHost, "::");
  assertEquals(parseManifest([...image, "--name", "a".repeat(46), "--autoscale=1..1"]).autoscale, {
    min: 1,
    max: 1,
  });
  assertEquals(parseManifest([...image, "--no-probe", "--monitor=false"]).service.metrics, false);
});

test("--workers auto goes by the CPUs of a pod, not by those of this machine", () => {
  const workers = (...argv: string[]) => parseManifest([...image, ...argv]).service.workers;
  for (const [limit, count] of [["2", 2], ["2500m", 3], ["0.5", 1], ["64", 64]] as const) {
    assertEquals(workers("--workers=auto", "--cpu-limit", limit), count);
    assertEquals(workers("--workers=AUTO", "--cpu-limit", limit), count);
  }
  assertEquals(workers("--workers=3", "--cpu-limit", "2"), 3);
  const app = { name: "./app", defaults: ["--workers", "auto"] };
  assertStringIncludes(refusal(image, app), "give --cpu-limit, or a number of --workers");
  assertEquals(parseManifest([...image, "--cpu-limit=2"], app).service.workers, 2);
});

test("no option has the name of one of serve", () => {
  const names = serveFlags.map(({ flag }) => flag);
  assertEquals(manifestFlags.filter(({ flag }) => names.includes(flag)), []);
});

test("nothing but a usage error of one line comes out, whatever goes in", () => {
  const flags = [...manifestFlags, ...serveFlags].map(({ flag }) => flag);
  const values = ["", "web", "1..2", "http://p", "0", "5s", "::", "/a", validSecret];
  const word = fc.oneof(fc.constantFrom(...flags), fc.constantFrom(...values), fc.string());
  const pair = fc.tuple(fc.constantFrom(...flags), fc.constantFrom(...values))
    .map(([flag, value]) => `${flag}=${value}`);
  fc.assert(fc.property(fc.array(fc.oneof(word, pair)), (argv) => {
    try {
      parseManifest(argv);
    } catch (error) {
      assertInstanceOf(error, UsageError);
      assertFalse(error.message.includes("\n"));
    }
  }));
});

test("an option may be in any Secret, whichever options can be", () => {
  const options = {
    amqpUrl: "AMQP_URL",
    webhookUrl: "WEBHOOK_URL",
    webhookSecret: "WEBHOOK_SECRET",
  };
  const held = serveFlags.filter(({ option }) => option.fromFile).map(({ option }) => option.key);
  assertEquals(Object.keys(options).sort(), held.sort());
  for (const [key, name] of Object.entries(options)) {
    const variable = `HURRICANE_${name}`;
    const queue = key === "amqpUrl" ? ["--amqp-queue=jobs"] : [];
    const argv = [...image, `--secret-env=${variable}=a/b.c`, ...queue];
    const { args, secrets, secretEnv, service } = parseManifest(argv);
    assertEquals(args, queue);
    assertEquals(secretEnv, []);
    assertEquals(
      secrets.map(({ option, name, secret, key }) => [option, name, secret, key]),
      [[key, variable, "a", "b.c"]],
    );
    assert((service[key as keyof typeof options]?.length ?? 0) > 0);
  }
});
