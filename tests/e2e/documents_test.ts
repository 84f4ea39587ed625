/**
 * The README, the guide and the examples, as somebody reads them who does what they say.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { api } from "../../src/runtime/bun_api.ts";
import { blocks, pages, read } from "../docs/markdown.ts";
import { installPackages } from "../support/apps/install.ts";
import { form } from "../support/instance.ts";
import { RabbitMq, rabbitmqMissing } from "../support/rabbitmq.ts";
import { Reader } from "../support/reader.ts";

const followed = pages().filter((page) =>
  page === "README.md" || /^docs\/(?:guide|examples)\//.test(page)
);

/** Commands that are not run here, by their page, and why not. */
const notRun: Record<string, Record<string, string>> = {
  "README.md": {
    "./scripts/install": "it builds; tests/e2e/install_test.ts installs",
  },
  "docs/guide/kubernetes.md": {
    "kubectl apply -f web.yaml":
      "it needs a cluster; tests/e2e/manifest_test.ts looks at what is applied",
    "helm upgrade --install web docs/helm/hurricane --namespace shop --set image=registry.example/web:1.2 --set handler=./handler.ts":
      "it needs a cluster; tests/manifest/chart_test.ts looks at what is applied",
  },
  "docs/guide/messages.md": {
    "rabbitmqadmin declare queue name=jobs.dead queue_type=quorum":
      "it needs a RabbitMQ; tests/e2e/amqp_test.ts declares such queues",
    [`rabbitmqadmin declare queue name=jobs queue_type=quorum arguments='{"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "jobs.dead"}'`]:
      "it needs a RabbitMQ; tests/e2e/amqp_test.ts declares such queues",
    "hurricane serve ./app.ts --amqp-queue jobs":
      "it needs a RabbitMQ; tests/e2e/amqp_test.ts has one",
  },
  "docs/examples/helm/README.md": {
    "helm upgrade --install web ../../helm/hurricane --namespace shop --values values.yaml":
      "it needs a cluster; tests/e2e/kubernetes_examples_test.ts looks at what is applied",
  },
  "docs/examples/kustomize/README.md": {
    "kubectl apply -k test":
      "it needs a cluster; tests/e2e/kubernetes_examples_test.ts looks at what is applied",
  },
};

/** Pages of which nothing is run in a form, and why not. */
const notIn: Record<string, Record<string, string>> = {
  "docs/guide/images.md": {
    deno: "deno compile downloads its base; tests/e2e/build_test.ts builds where there is one",
  },
};

const express = "docs/examples/express/README.md";
const messages = "docs/examples/messages/README.md";

/** Pages that need what may not be here: why it is not. */
const missing: Record<string, () => string | undefined> = {
  [express]: () => {
    const { dependencies } = JSON.parse(read("docs/examples/express/package.json"));
    // npm keeps them: what the page installs then is the same, also without a network.
    return installPackages({ name: "express-example", packages: dependencies });
  },
  [messages]: () => rabbitmqMissing,
};

/** In the first chapter its reader writes files that they have in all others. */
const first = "docs/guide/first-service.md";
const written = blocks(read(first)).filter(({ language }) => language === "ts");

describe(`what is to be done (${form})`, () => {
  for (const page of followed) {
    const all = blocks(read(page));
    if (!all.some(({ language }) => language === "sh" || language === "console")) continue;
    const skip = notIn[page]?.[form] ?? missing[page]?.();
    if (skip !== undefined) console.log(`${skip} (${page})`);
    test(`in ${page} gives what it shows`, { skip: skip ?? false }, async () => {
      const leftOut = Object.keys(notRun[page] ?? {});
      await using broker = page === messages ? await RabbitMq.start() : undefined;
      const ports: Record<string, number> = {};
      if (broker !== undefined) ports["5672"] = Number(new URL(broker.url).port);
      await using reader = await Reader.open(leftOut, ports);
      if (page !== first) { for (const block of written) await reader.follow(block); }
      for (const block of all) await reader.follow(block);
      assertEquals(reader.leftOut, leftOut, "commands that are not run");
    });
  }
});

describe("code in the documents", () => {
  const parser = new (api().Transpiler)({ loader: "ts" });
  for (const page of followed) {
    const code = blocks(read(page));
    test(`of ${page} has no mistake in it`, () => {
      for (const { language, text } of code) {
        assert(languages.has(language), `${page}: a block of ${JSON.stringify(language)}`);
        if (language === "json") JSON.parse(text);
        if (language === "ts" || language === "js") {
          parser.scan(text);
        }
      }
    });
  }
});

/** A block without a language is one that nobody has thought of. Configurations have tests of their own. */
const languages = new Set(
  "sh console ts js json yaml toml dockerfile haproxy nginx caddy apache vcl nghttpx".split(" "),
);
