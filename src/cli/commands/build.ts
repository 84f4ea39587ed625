import { existsSync, realpathSync } from "node:fs";
import { basename, extname, isAbsolute, relative, resolve as absolute } from "node:path";
import process from "node:process";
import { isForBunAlone, targets } from "../../build/compilers.ts";
import { isScript, splitCommand } from "../../commands/words.ts";
import { packedFolder, projectOf } from "../../build/embed.ts";
import { writeLines } from "../../log/write.ts";
import { visible } from "../../plain_text.ts";
import { readArguments, splitAtDoubleDash } from "../../options/arguments.ts";
import { flagsOf } from "../../options/option.ts";
import { readServe } from "../../options/precedence.ts";
import { serveFlags } from "../../options/serve_table.ts";
import { type Declaration, optionsOf, readValues } from "../../options/table.ts";
import { quote, UsageError } from "../../options/usage_error.ts";
import { choice, file, fileName, list, toggle } from "../../options/values.ts";
import { runtime } from "../../runtime/mod.ts";
import type { Command } from "../command.ts";
import { handlerFile } from "../handler_file.ts";

const table = {
  output: {
    kind: fileName,
    group: "Output",
    value: "FILE",
    short: "o",
    help: "The executable to write.",
    default: "the handler's name",
  },
  target: {
    kind: choice(...targets),
    group: "Output",
    value: "TARGET",
    help: `The system it is for: ${targets.join(", ")}. Another one than this is fetched.`,
    default: "this one",
  },
  runtime: {
    kind: choice("bun", "deno"),
    group: "Output",
    value: "RUNTIME",
    help: "What it runs on. deno calls `deno compile`, and needs Deno.",
    default: "the one that runs this",
  },
  asset: {
    kind: list(file),
    group: "Contents",
    value: "FILE|DIR",
    repeatable: true,
    help: 'What the handler reads by its own place, as join(__dirname, "views").',
    default: "none",
  },
  extract: {
    kind: toggle,
    group: "Contents",
    help:
      "Embed the handler's project as it is, and extract it at the start: for what cannot be bundled.",
    default: "off",
  },
  worker: {
    kind: list(file),
    group: "Contents",
    value: "FILE",
    repeatable: true,
    help: "The module of a worker whose path is made as it runs.",
    default: "none",
  },
} satisfies Record<string, Declaration>;

const options = optionsOf(table);

/** `hurricane build <handler> -o app` */
export const buildCommand: Command = {
  name: "build",
  positionals: "<handler>",
  summary: "Make one executable of Hurricane and a handler",
  flags: flagsOf(options),
  example: "./handler.ts",
  examples: ["-o app", "-o app -- --port 80 --workers 2", "-o app --target linux-arm64"],
  async run(line, _environment, builtin) {
    if (builtin !== undefined) {
      throw new UsageError(
        `build is a command of hurricane itself; ${builtin.name} is built already`,
      );
    }
    const { before, after: defaults } = splitAtDoubleDash(line);
    const { given, positionals } = readArguments(before, this.flags, hintAtServe);
    const values = readValues(
      table,
      new Map([...given].map(([{ option }, value]) => [option.key, value])),
    );
    const handler = handlerFile(positionals, "build");
    const name = basename(handler);
    // What is wrong with them is wrong each time the executable is started; the rest depends on where.
    const { options } = readServe(new Map(), {}, defaults);
    if (options.webhookSecret !== undefined) {
      throw new UsageError(
        "--webhook-secret could be read in the executable: give HURRICANE_WEBHOOK_SECRET to it instead",
      );
    }
    const output = absolute(values.output ?? basename(handler, extname(handler)));
    if (existsSync(output) && realpathSync(output) === realpathSync(handler)) {
      throw new UsageError(`--output is the handler itself: ${handler}`);
    }
    const { target, runtime: chosen = runtime.name } = values;
    if (chosen === "deno" && target !== undefined && isForBunAlone(target)) {
      throw new UsageError(`--target ${target} is for Bun alone: deno compile knows no musl`);
    }
    const { extract: extracts = false } = values;
    if (extracts && chosen === "deno") {
      throw new UsageError("--extract is for Bun alone: deno compile keeps files as they are");
    }
    if (extracts && (values.asset ?? values.worker) !== undefined) {
      throw new UsageError("--extract embeds all of the project: leave --asset and --worker away");
    }
    const assets = embedded("--asset", values.asset, handler);
    const workers = embedded("--worker", values.worker, handler);

    const { build, BuildFailure } = await import("../../build/build.ts");
    const { baseToFetch, tellFetching } = await import("../../build/fetching.ts");
    const audience = {
      rewrites: process.stderr.isTTY && process.env["TERM"] !== "dumb",
      write: writeLines,
    };
    const fetched = chosen === "bun" ? baseToFetch(target) : undefined;
    const told = fetched === undefined ? () => {} : tellFetching(fetched, audience);
    const started = performance.now();
    try {
      const { size, warnings } = await build({
        said: writeLines,
        handler,
        name,
        defaults,
        output,
        runtime: chosen,
        extracts,
        assets,
        workers,
        ...(target === undefined ? {} : { target }),
      }).finally(told);
      for (const warning of [...warnings, ...scriptsLeftOut(options.command)]) {
        writeLines(`hurricane: warning: ${warning}\n`);
      }
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      const megabytes = (size / 1024 / 1024).toFixed(0);
      const all = extracts ? `, with all of ${packedFolder(handler)}` : "";
      process.stdout.write(`${output}: ${megabytes} MB, built in ${seconds}s${all}\n`);
      return 0;
    } catch (error) {
      if (!(error instanceof BuildFailure)) throw error;
      writeLines(`hurricane: ${visible(error.message)}\n`);
      return error.exitCode;
    }
  },
};

/** What there is to say of scripts that will be looked for wherever the executable is started. */
function scriptsLeftOut(commands: readonly string[]): string[] {
  return commands.map((command) => splitCommand(command)[0] ?? "")
    .filter((script) => isScript(script) && !isAbsolute(script))
    .map((script) =>
      `--command ${script} is not part of the executable, which looks for it in the directory where ` +
      "it is started, with what it imports: take it along, and name it by an absolute path " +
      `(--command /${basename(script)})`
    );
}

/** What the executable is to serve with stands behind `--`. */
function hintAtServe(name: string): string {
  const isServes = serveFlags.some(({ flag, aliases }) => [flag, ...aliases].includes(name));
  return isServes
    ? `; an option of serve stands behind --, as in: build ./handler.ts -- ${name} …`
    : "";
}

/** The absolute paths of what is to be in the executable, where it has the place that it has beside the handler. */
function embedded(flag: string, paths: readonly string[] = [], handler: string): string[] {
  const project = projectOf(handler);
  return paths.map((path) => {
    const found = absolute(path);
    if (!existsSync(found)) throw new UsageError(`${flag} ${quote(path)}: there is no ${found}`);
    if (flag === "--worker" && !/\.[cm]?[jt]sx?$/.test(found)) {
      throw new UsageError(
        `${flag} ${quote(path)} is no module: give one in TypeScript or JavaScript`,
      );
    }
    const place = relative(project, found);
    if (place === "" || place.startsWith("..")) {
      throw new UsageError(
        `${flag} ${quote(path)} does not lie in the handler's project, ${project}`,
      );
    }
    return found;
  });
}
