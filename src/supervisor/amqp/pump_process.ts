import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { addCounts, emptyCounts, type QueueCounts } from "../../amqp/counts.ts";
import type { PumpConfig, PumpEnd, PumpSupervisorEnd } from "../../amqp/protocol.ts";
import { pumpVariable } from "../../amqp/pump_variable.ts";
import { Channel } from "../../app/channel.ts";
import { logger } from "../../log.ts";
import { runtime } from "../../runtime/mod.ts";
import { program } from "../../runtime/program.ts";
import { answerTimeout } from "../../timeline.ts";
import { expired, within } from "../../within.ts";
import type { ServiceOptions } from "../../options/service_options.ts";
import type { MessagePump } from "./message_pump.ts";
import { sessionOptions } from "./session_options.ts";

const log = logger("amqp");

/** Pauses before it is started again, in milliseconds, from the first to the longest. */
const [firstPause, longestPause] = [100, 5000];

/** How long its last words to the broker may take, in milliseconds. */
const closeGrace = 2000;

/** How long the lengths of queues are waited for, in milliseconds: for the rest of a scrape's time. */
const countsTimeout = answerTimeout / 2;

/** However the supervisor ends, what it has started does not outlive it. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** The pump of a service that takes messages from this broker. */
export function pumpProcess(url: string, options: ServiceOptions): MessagePump {
  const { logLevel, logFormat } = options;
  return new PumpProcess({ session: sessionOptions(url, options), log: { logLevel, logFormat } });
}

/**
 * The pump in a process of its own: in the supervisor's, messages of 1 MB at full speed made probes wait
 * for up to 0.1 s, and of 50 MB for 0.7 s.
 */
class PumpProcess implements MessagePump {
  obstacle: string | undefined = "not connected yet";

  readonly #config: PumpConfig;
  readonly #opened = Promise.withResolvers<void>();
  readonly #ending = new AbortController();
  #hasOpened = false;
  /** Where the handler is, once it is there. */
  #url: string | undefined;
  #child: ChildProcess | undefined;
  #channel: Channel<PumpSupervisorEnd, PumpEnd> | undefined;
  #exited: Promise<string> = Promise.resolve("");
  /** What processes have counted that are gone, and what this one said last. */
  #gone: QueueCounts[];
  #last: QueueCounts[];
  #pause = firstPause;
  #draining = false;

  constructor(config: PumpConfig) {
    this.#config = config;
    const empty = config.session.subscriptions.map(({ queue }) => emptyCounts(queue));
    this.#gone = this.#last = empty;
    this.#opened.promise.catch(() => {});
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  open(): Promise<void> {
    this.#start();
    return this.#opened.promise;
  }

  consume(url: string): void {
    this.#url = url;
    this.#channel?.tell("consume", { url });
  }

  drain(): void {
    this.#draining = true;
    this.#channel?.tell("drain", undefined);
  }

  async stop(timeout: number): Promise<void> {
    this.#ending.abort();
    this.#channel?.tell("stop", { timeout });
    if (await within(timeout + closeGrace, this.#exited) === expired) this.kill();
    await this.#exited;
  }

  kill(): void {
    this.#ending.abort();
    this.#child?.kill("SIGKILL");
  }

  async counts(): Promise<QueueCounts[]> {
    const told = await this.#channel?.ask("counts", undefined, countsTimeout);
    if (told !== undefined) this.#last = told;
    return this.#sum();
  }

  #sum(): QueueCounts[] {
    return this.#last.map((counts, index) => addCounts(this.#gone[index] ?? counts, counts));
  }

  #start(): void {
    const { file, args, env } = program.self();
    const child = this.#child = spawn(file, args, {
      // Ctrl-C reaches the supervisor alone.
      detached: true,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: { ...process.env, ...runtime.client?.env, ...env, [pumpVariable]: String(process.pid) },
    });
    running.add(child);
    const channel = this.#channel = new Channel<PumpSupervisorEnd, PumpEnd>(child);
    channel.listen({
      told: {
        opened: () => {
          this.#hasOpened = true;
          this.#opened.resolve();
        },
        refused: ({ message }) => this.#refused(message),
        obstacle: ({ reason }) => {
          this.obstacle = reason ?? undefined;
          if (reason === null) this.#pause = firstPause;
        },
      },
      broken(error) {
        // It is going; its exit tells the rest.
        log.debug("cannot reach the message pump: {error}", { error: error.message });
      },
    });
    channel.tell("start", this.#config);
    if (this.#url !== undefined) this.consume(this.#url);
    if (this.#draining) this.drain();
    const exited = this.#exited = endOf(child);
    void exited.then((how) => this.#ended(how));
  }

  /** At a start that is a failure; later on it is tried again for ever. */
  #refused(message: string): void {
    this.obstacle = message;
    if (this.#hasOpened) return log.warn("no messages are taken: {reason}", { reason: message });
    this.#ending.abort();
    this.#opened.reject(new Error(message));
  }

  async #ended(how: string): Promise<void> {
    if (this.#child !== undefined) running.delete(this.#child);
    this.#channel?.giveUp();
    const { signal } = this.#ending;
    if (signal.aborted) return;
    this.#gone = this.#sum();
    this.#last = this.#gone.map(({ queue }) => emptyCounts(queue));
    // Where it was refused, that is the reason.
    this.obstacle ??= `the message pump's process ${how}`;
    log.error("the message pump's process {how}, and is started again in {seconds}s", {
      how,
      seconds: this.#pause / 1000,
    });
    try {
      await sleep(this.#pause, undefined, { signal });
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    this.#pause = Math.min(2 * this.#pause, longestPause);
    this.#start();
  }
}

/** Resolves with how it ended, as in `exited with code 3`. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on("error", (error) => {
      if (child.pid === undefined) resolve(`could not be started: ${error.message}`);
    });
    child.once("exit", (code, signal) => {
      resolve(signal === null ? `exited with code ${code}` : `was killed by ${signal}`);
    });
  });
}
