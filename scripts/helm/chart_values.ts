/**
 * The values of the Helm chart: the options of `manifest` and of `serve`, by their keys.
 *
 * @module
 */
import { manifestTable } from "../../src/cli/commands/manifest_table.ts";
import { serveTable } from "../../src/options/serve_table.ts";
import type { Declaration } from "../../src/options/table.ts";

/** One value: an option, or what stands in its place. */
export interface ChartValue extends Declaration {
  key: string;
  /** Is it an object whose keys are the names of variables? */
  variables?: true;
}

/** What the chart has of its own: the positional of `manifest`. */
const own = {
  handler: {
    group: "Manifest",
    help:
      "The handler's path in the image, which then has hurricane as its entry point; none for an " +
      "application that hurricane build has made.",
  },
} as const;

/** Helm says where a release belongs, and what it writes goes nowhere else. */
const helmsOwn = ["namespace", "kustomize"];

/** Values are kept where releases are, and many may read them: a Secret has it, see `secretEnv`. */
const secretAlone = ["webhookSecret"];

/** What is said of a value where that is not what is said of the option. */
const texts: Readonly<Record<string, Partial<ChartValue>>> = {
  name: { default: "that of the release" },
  env: { help: "Variables for the handler and the commands: NAME: value.", variables: true },
  secretEnv: {
    help: "Variables whose values are in a Secret: NAME: secret/key. HURRICANE_WEBHOOK_SECRET, " +
      "HURRICANE_WEBHOOK_URL and HURRICANE_AMQP_URL stand for options that are secret.",
    variables: true,
  },
  webhookUrl: {
    help:
      "Where to post changes of the startup, readiness and liveness state. With what is secret in " +
      "it: see secretEnv.",
  },
  amqpUrl: {
    help:
      "Also take messages from RabbitMQ, each as a POST to the handler. Needs amqpQueue. With a " +
      "password: see secretEnv.",
  },
};

/** The values of the chart that are passed on to Hurricane, in the order in which it has them. */
export const passedValues: ChartValue[] = valuesOf(serveTable)
  .filter(({ key }) => !secretAlone.includes(key));

/** All values, in the order of `values.yaml`. `handler` is of no kind that options have. */
export const chartValues: (ChartValue | { key: "handler"; group: string; help: string })[] = [
  { key: "handler", ...own.handler },
  ...valuesOf(manifestTable).filter(({ key }) => !helmsOwn.includes(key)),
  ...passedValues,
];

function valuesOf(table: Readonly<Record<string, Declaration>>): ChartValue[] {
  return Object.entries(table).map(([key, declaration]) => {
    const value = { key, ...declaration, ...texts[key] };
    const { help, default: told } = value;
    return { ...value, help: inValues(help), default: told && inValues(told) };
  });
}

/** `--max-memory` is `maxMemory` here. */
function inValues(text: string): string {
  return text.replaceAll(
    /--([a-z]+)((?:-[a-z]+)*)/g,
    (_, first: string, rest: string) =>
      first + rest.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  );
}
