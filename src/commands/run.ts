import { setTimeout as sleep } from "node:timers/promises";
import { logger } from "../log.ts";
import type { ServiceOptions } from "../options/service_options.ts";
import { plainText } from "../plain_text.ts";
import type { Invocation } from "../runtime/runtime.ts";
import { type Child, type Exit, startChild } from "./child.ts";
import { commandName, displayCommand } from "./display.ts";
import { CommandFailure, CommandInterrupted } from "./failure.ts";
import { whileWaiting } from "../while_waiting.ts";
import { SaidError } from "./said_error.ts";
import { resolveCommand } from "./resolve.ts";
import { splitCommand } from "./words.ts";

export { CommandFailure, CommandInterrupted };

/** What a command needs to know of the service that it runs for. */
export interface RunContext {
  /** A command that runs longer has failed. In milliseconds; no limit by default. */
  timeout?: number;
  /** Aborted: the command is ended, and is no failure. */
  signal: AbortSignal;
  /** How Hurricane's own runtime runs a script. `file` is an absolute path. */
  script(file: string): Invocation;
  /** Between SIGTERM and SIGKILL, in milliseconds. Default 5000. */
  killAfter?: number;
  /** Is told each line of its output, besides the log. */
  wrote?(line: string): void;
}

const log = logger("commands");

/** What the commands of a service need to know of it, and what it is told of them. */
export interface SequenceContext extends Pick<RunContext, "signal" | "script" | "wrote"> {
  /** One begins: its name, and which of how many it is, from 1 on. */
  begins(name: string, number: number, count: number): void;
  /** It has succeeded, after so many milliseconds. */
  ended(name: string, milliseconds: number): void;
}

/**
 * Runs commands one after the other, each as {@linkcode runCommand} does. Rejects at the first one that
 * does; those after it do not run.
 */
export async function runCommands(
  { command: commands, commandTimeout: timeout }: Pick<
    ServiceOptions,
    "command" | "commandTimeout"
  >,
  { begins, ended, ...context }: SequenceContext,
): Promise<void> {
  for (const [index, command] of commands.entries()) {
    const name = commandName(splitCommand(command));
    begins(name, index + 1, commands.length);
    const limit = timeout === undefined ? {} : { timeout };
    ended(name, await runCommand(command, { ...context, ...limit }));
  }
}

const defaultKillAfter = 5000;

/** How much of a command's output a {@linkcode CommandFailure} carries. */
const keptLines = 20;

/** The longest delay of a timer, 24.8 days: with a longer one it would fire at once. */
const longestDelay = 2 ** 31 - 1;

/**
 * Runs a command to its end, without a shell.
 *
 * `text` is split as {@linkcode splitCommand} does. A first word that ends in `.ts`, `.tsx`, `.js`,
 * `.mjs`, `.mts` or `.jsx` names a script for Hurricane's own runtime, one with a slash a file,
 * any other one a program on `PATH`. Standard input is empty. Output goes to the log line by line.
 *
 * The command is over when its process has exited. What a successful one leaves running is left
 * alone; a failed one is ended with all of its process group: SIGTERM, after 5 s SIGKILL.
 *
 * @returns How long it took, in milliseconds.
 * @throws {CommandFailure} It exited with another code than 0, was killed, ran longer than the
 * time-out or could not be started.
 * @throws {CommandInterrupted} `signal` was aborted.
 *
 * @example
 * ```ts
 * import { runtime } from "../runtime/mod.ts";
 * import { runCommand } from "./run.ts";
 *
 * const ms = await runCommand("sh -c 'echo migrated'", {
 *   timeout: 30_000,
 *   signal: new AbortController().signal,
 *   script: (file) => runtime.script(file),
 * });
 * console.assert(ms > 0);
 * ```
 */
export async function runCommand(text: string, context: RunContext): Promise<number> {
  const command = displayCommand(text);
  try {
    return await run(text, command, context);
  } catch (error) {
    // That one has failed, whoever ends the service over it says.
    if (error instanceof CommandInterrupted) {
      log.warn("{reason}", { reason: error.message, command });
    }
    throw error;
  }
}

async function run(text: string, command: string, context: RunContext): Promise<number> {
  if (context.signal.aborted) {
    throw new CommandInterrupted(text, "was not started: Hurricane is stopping");
  }
  const begin = performance.now();
  const lastLines: string[] = [];
  const errors = new SaidError();
  let child: Child;
  let about: { name: string; command: string };
  try {
    const words = splitCommand(text);
    const invocation = resolveCommand(words, (file) => context.script(file));
    about = { name: commandName(words), command };
    log.info("[{name}] starting: {command}", about);
    child = startChild(invocation, (written, stream) => {
      const line = plainText(written);
      log.info("[{name}] {line}", { ...about, line, stream });
      context.wrote?.(line);
      if (stream === "stderr") errors.add(line);
      if (lastLines.push(line) > keptLines) lastLines.shift();
    });
  } catch (error) {
    throw cannotStart(text, error);
  }

  const tellNoMore = whileWaiting((time) =>
    log.info("[{name}] still running after {time}", { ...about, time })
  );
  let ending = await endingOf(child, context).finally(tellNoMore);
  if (ending.how === "exited" && isToldToEnd(ending) && await isInterrupted(context.signal)) {
    ending = { how: "interrupted" };
  }
  const ms = performance.now() - begin;
  const after = `after ${seconds(ms)}`;
  if (ending.how === "exited" && ending.code === 0) {
    await child.release();
    log.info("[{name}] succeeded {after}", { ...about, after, duration_ms: Math.round(ms) });
    return ms;
  }
  await child.end(context.killAfter ?? defaultKillAfter);
  switch (ending.how) {
    case "exited": {
      const { code, signal } = ending;
      const what = signal === null ? `exited with ${code}` : `was killed by ${signal}`;
      throw new CommandFailure(text, `${what} ${after}${errors}`, lastLines);
    }
    case "timed out": {
      const limit = seconds(ending.limit);
      throw new CommandFailure(text, `ran longer than ${limit} (--command-timeout)`, lastLines);
    }
    case "interrupted":
      throw new CommandInterrupted(text, `was interrupted ${after}: Hurricane is stopping`);
    case "not started":
      throw cannotStart(text, ending.error);
  }
}

/** What ended the waiting for a command. */
type Ending =
  | { how: "exited" } & Exit
  | { how: "timed out"; limit: number }
  | { how: "interrupted" }
  | { how: "not started"; error: unknown };

async function endingOf(child: Child, { timeout, signal }: RunContext): Promise<Ending> {
  const settled = new AbortController();
  const once = { once: true, signal: settled.signal };
  const endings: Promise<Ending>[] = [
    child.exited.then(
      (exit) => ({ how: "exited", ...exit }),
      (error: unknown) => ({ how: "not started", error }),
    ),
    new Promise((resolve) =>
      signal.addEventListener("abort", () => resolve({ how: "interrupted" }), once)
    ),
  ];
  if (timeout !== undefined && timeout <= longestDelay) {
    endings.push(
      sleep(timeout, { how: "timed out", limit: timeout } as const, { signal: settled.signal }),
    );
  }
  return await Promise.race(endings).finally(() => settled.abort());
}

/** Was it ended by a signal that stops a service? A program that catches it exits with 128 and more. */
function isToldToEnd({ code, signal }: Exit): boolean {
  const stopSignals = ["SIGTERM", "SIGINT", "SIGQUIT"];
  return signal === null ? [143, 130, 131].includes(code ?? 0) : stopSignals.includes(signal);
}

/** How long after a command's end by a signal Hurricane may get the same signal, in milliseconds. */
const signalSpread = 1000;

/** A signal to all processes at once reaches one of them first, and it may be the command. */
async function isInterrupted(signal: AbortSignal): Promise<boolean> {
  for (let waited = 0; waited < signalSpread && !signal.aborted; waited += 20) await sleep(20);
  return signal.aborted;
}

function cannotStart(text: string, error: unknown): CommandFailure {
  return new CommandFailure(text, `cannot be started: ${reasonOf(error)}`, [], { cause: error });
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      // The file itself has been found; the kernel says the same of what the file asks for.
      return 'the interpreter in its "#!" line, or its dynamic loader, does not exist';
    case "ENOEXEC":
      return "it is no program for this kind of machine";
    case "E2BIG":
      return "its words and the environment are longer than the system allows";
    case "EACCES":
      return "permission denied";
    default:
      return message;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3).replace(/\.?0+$/, "")}s`;
}
