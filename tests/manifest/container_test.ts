import { describe, test } from "node:test";
import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { parseServe } from "../cli/parsed.ts";
import { serveFlags } from "../../src/options/serve_table.ts";
import { companionFlags, sampleOf, validSecret } from "../options/samples.ts";
import { expand } from "./expand.ts";
import { made } from "./made.ts";

const builtin = { name: "./app" };

/** The arguments that the program in the container gets. */
function started(args: string[], variables: Record<string, string> = {}): string[] {
  return (made(args).container.args ?? []).map((argument) => expand(argument, variables));
}

describe("the container's arguments", () => {
  test("are the options as they were given", () => {
    const args = ["--port=80", "--access-log", "--command", "./a.ts", "--log-probes=no"];
    assertEquals(made(["./handler.ts", ...args]).container.args, [
      ...["serve", "./handler.ts", "--port=80", "--access-log"],
      ...["--command=./a.ts", "--log-probes=no"],
    ]);
    assertEquals(
      made(["--monitor", "--replicas=3", "--startup-timeout=1m"]).container.args,
      undefined,
    );
  });

  test("name no handler where one is in the program", () => {
    const options = ["--port", "80"];
    assertEquals(made(options).container.args, ["--port=80"]);
    assertEquals(made(options, { builtin }).container.args, ["--port=80"]);
  });

  test("leave out what is built in, which counts", () => {
    const defaults = ["--port", "3000", "--readiness-probe", "/r"];
    const { container } = made(["--port=4000"], { builtin: { ...builtin, defaults } });
    assertEquals(container.args, ["--port=4000"]);
    assertEquals(container.ports?.map(({ containerPort }) => containerPort), [4000, 4001]);
    assertEquals(container.readinessProbe?.httpGet.path, "/r");
  });

  test("reach the program as they are, for Kubernetes would expand some", () => {
    const command = "sh -c 'echo $(HOSTNAME) $$'";
    const given = started(["--command", command], { HOSTNAME: "web-1" });
    assertEquals(given, [`--command=${command}`]);
  });

  test("keep blanks around line breaks", () => {
    const command = "--command=./migrate.ts $$$$$\n \n ";
    assertEquals(started([command], {}), [command]);
  });

  test("mean to serve what they meant to manifest", () => {
    const left = [
      "host",
      "probeHost",
      "probe",
      "webhookUrl",
      "webhookSecret",
      // Its URL is in a Secret, and one is nothing without the other.
      "amqpUrl",
      "amqpQueue",
      "command",
      // Both come with those that need them.
      "tlsCert",
      "tlsKey",
      "debugger",
      "autoreload",
    ];
    const options = serveFlags.filter(({ option, off }) => !off && !left.includes(option.key))
      .map(({ flag, option }) => {
        const { text } = sampleOf(option);
        const given = `${flag}=${option.value === "PATH" ? option.key : text}`;
        return [given, ...companionFlags(option)];
      });
    const command = fc.array(
      fc.constantFrom("$", "(", ")", "PORT", " ", "#", ": ", "\n", "é", "\t"),
    )
      .map((parts) => `--command=./migrate.ts ${parts.join("")}`);
    fc.assert(fc.property(fc.subarray(options), fc.array(command), (options, commands) => {
      const args = [...options.flat(), ...commands];
      // TLS and the probes on one port.
      const atOnce = ["--tls-cert", "--port", "--probe-port"];
      fc.pre(!atOnce.every((flag) => args.some((argument) => argument.startsWith(`${flag}=`))));
      const meant = parseServe(args, {}, builtin).options;
      assertEquals(parseServe(started(args, { PORT: "1" }), {}, builtin).options, meant);
    }));
  });
});

/** By these webhooks say who sends them. */
const sender = [
  { name: "SERVICE_NAME", value: "web" },
  { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
  { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
];

describe("secrets", () => {
  test("stay out of the manifest, which names a Secret", () => {
    const { text, container } = made([
      "--webhook-secret",
      validSecret,
      "--webhook-url=http://ops/hook",
    ]);
    assertFalse(text.includes(validSecret.slice(6)), text);
    assertEquals(container.args, ["--webhook-url=http://ops/hook"]);
    assertEquals(container.env, [
      {
        name: "HURRICANE_WEBHOOK_SECRET",
        valueFrom: { secretKeyRef: { name: "web", key: "webhook-secret" } },
      },
      ...sender,
    ]);
    assertStringIncludes(
      text,
      "# kubectl create secret generic web \\\n          #   --from-literal=webhook-secret=SECRET\n          # SECRET is what the receivers have, too; a new one: echo whsec_$(openssl rand -base64 32)\n          env:",
    );
    assertStringIncludes(
      made(["--webhook-secret", validSecret, "--namespace=shop"]).text,
      "# kubectl --namespace shop create secret generic web \\\n",
    );
  });

  test("are in the addresses of webhooks, too", () => {
    for (
      const url of ["https://u:p4ss@ops/", "https://ops/?t=p4ss", `https://ops/${"p4ss".repeat(5)}`]
    ) {
      const { text, container } = made([`--webhook-url=${url}`, "--webhook-url", "http://b/"]);
      assertFalse(text.includes("p4ss"), text);
      assertEquals(container.args, undefined);
      assertEquals(container.env, [
        {
          name: "HURRICANE_WEBHOOK_URL",
          valueFrom: { secretKeyRef: { name: "web", key: "webhook-url" } },
        },
        ...sender,
      ]);
    }
  });

  test("are not looked for where there are none", () => {
    const { container } = made(["--webhook-url", "https://ops.example"]);
    assertEquals(container.env, sender);
  });
});

describe("variables", () => {
  test("are what was given, literally, and from the Secrets that were named", () => {
    const { container, text } = made([
      ...["--env=MODE=a=b", "--env=EMPTY=", "--env=RAW=$(HOME) $$ 0x1\n#"],
      ...["--secret-env=DATABASE_URL=db/url", "--secret-env=KEY=web/key"],
      `--webhook-secret=${validSecret}`,
    ]);
    const [secret, database, key, ...plain] = container.env ?? [];
    const from = (name: string, key: string) => ({ valueFrom: { secretKeyRef: { name, key } } });
    assertEquals(secret, { name: "HURRICANE_WEBHOOK_SECRET", ...from("web", "webhook-secret") });
    assertEquals(database, { name: "DATABASE_URL", ...from("db", "url") });
    assertEquals(key, { name: "KEY", ...from("web", "key") });
    assertEquals(
      plain.map(({ name, value = "" }) => [name, expand(value, { HOME: "/root" })]),
      [["MODE", "a=b"], ["EMPTY", ""], ["RAW", "$(HOME) $$ 0x1\n#"]],
    );
    const comment = text.split("\n").filter((line) =>
      line.includes("# ") && /secret|lite/.test(line)
    )
      .map((line) => line.trim());
    assertEquals(comment, [
      "# kubectl create secret generic web \\",
      "#   --from-literal=webhook-secret=SECRET \\",
      "#   --from-literal=key=VALUE",
      "# kubectl create secret generic db \\",
      "#   --from-literal=url=VALUE",
    ]);
  });

  test("take the place of those by which webhooks say who sends them", () => {
    const { container } = made(["--webhook-url=http://ops/", "--env=SERVICE_NAME=shop"]);
    const [, ...others] = sender;
    assertEquals(container.env, [{ name: "SERVICE_NAME", value: "shop" }, ...others]);
  });
});
