import type { LogRecord } from "../log.ts";
import { cut } from "../log/line.ts";
import { plainText, visible } from "../plain_text.ts";
import type { CheckOutcome, Verdict } from "../probes/probes.ts";
import type { ProbeType } from "../webhooks/payload.ts";
import type { Happening, ProbeAnswer, Reload, ShownCommand, ShownLine } from "./model.ts";
import { Recent } from "./recent.ts";

/** How much of each is kept. */
const [lines, outputLines, happenings, reloads] = [100, 20, 20, 20];

/** How long a text may be that is kept, in characters. */
const longestText = 2000;

/** A command: what it has written, when it began, and how long it took. */
interface Noted {
  name: string;
  began?: number;
  seconds?: number;
  output: Recent<string>;
}

/** What has happened to a service, as far as its status page shows it. */
export class Journal {
  readonly #log = new Recent<ShownLine>(lines);
  readonly #happenings = new Recent<Happening>(happenings);
  readonly #reloads = new Recent<Reload>(reloads);
  readonly #restarts = new Map<string, number>();
  readonly #answers = new Map<ProbeType, ProbeAnswer>();
  readonly #commands: Noted[];

  /** @param commands what they are called, in their order */
  constructor(commands: readonly string[]) {
    this.#commands = commands.map((name) => ({ name, output: new Recent(outputLines) }));
  }

  get log(): readonly ShownLine[] {
    return this.#log.items;
  }

  get happenings(): readonly Happening[] {
    return this.#happenings.items;
  }

  get reloads(): readonly Reload[] {
    return this.#reloads.items;
  }

  get restarts(): readonly (readonly [string, number])[] {
    return [...this.#restarts];
  }

  /** What a probe said last. */
  answer(type: ProbeType): ProbeAnswer | undefined {
    return this.#answers.get(type);
  }

  /** @param unfinished what has become of one that began and has not succeeded */
  commands(unfinished: "running" | "failed" | "interrupted"): ShownCommand[] {
    return this.#commands.map(({ name, began, seconds, output }) => {
      const shown = { name, output: output.items };
      if (began === undefined) return { ...shown, outcome: "waiting", seconds };
      if (seconds !== undefined) return { ...shown, outcome: "succeeded", seconds };
      if (unfinished !== "running") return { ...shown, outcome: unfinished, seconds };
      const sofar = Math.round((performance.now() - began) / 1000);
      return { ...shown, outcome: unfinished, seconds: sofar };
    });
  }

  logged({ time, level, part, message }: LogRecord): void {
    this.#log.add({ time: time.getTime(), level, part, message: kept(message) });
  }

  happened(text: string): void {
    this.#happenings.add({ time: Date.now(), text: kept(text) });
  }

  restarted(reason: string): void {
    this.#restarts.set(reason, (this.#restarts.get(reason) ?? 0) + 1);
  }

  reloaded(reload: Omit<Reload, "time">): void {
    const { error, ...rest } = reload;
    const why = error === undefined ? {} : { error: kept(error) };
    this.#reloads.add({ time: Date.now(), ...rest, ...why });
  }

  answered({ type, status, message, checks = [] }: Verdict, askedHere: boolean): void {
    this.#answers.set(type, {
      time: Date.now(),
      status,
      message: kept(message),
      checks: checks.map(shownCheck),
      askedHere,
    });
  }

  /** @param number from 1 on */
  commandBegan(number: number): void {
    const command = this.#commands[number - 1];
    if (command !== undefined) command.began = performance.now();
  }

  /** The one that began last has succeeded. */
  commandEnded(milliseconds: number): void {
    const command = this.#last();
    if (command !== undefined) command.seconds = milliseconds / 1000;
  }

  /** The one that began last has written a line. */
  commandWrote(line: string): void {
    this.#last()?.output.add(kept(line));
  }

  #last(): Noted | undefined {
    return this.#commands.findLast(({ began }) => began !== undefined);
  }
}

/** The trace is for webhooks. */
function shownCheck({ trace: _trace, ...check }: CheckOutcome): Omit<CheckOutcome, "trace"> {
  return check.message === undefined ? check : { ...check, message: kept(check.message) };
}

/** What was written for a terminal may have colours. */
function kept(text: string): string {
  return visible(cut(plainText(text), longestText));
}
