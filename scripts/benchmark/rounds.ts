/**
 * Measures several things in turn, in rounds.
 *
 * @module
 */
import { messageOf } from "../../src/errors.ts";

/** One thing to measure, once in each round. */
export interface Cell<T> {
  name: string;
  measure(): Promise<T>;
}

/** What all rounds gave for it. */
export interface Outcome<T> {
  /** A value for each round; `undefined` where it failed. */
  values: (T | undefined)[];
  /** Why it failed the last time. */
  failed?: string;
}

/** The outcomes by the names of the cells. */
export type Outcomes<T> = ReadonlyMap<string, Outcome<T>>;

/**
 * Measures everything in turn, A B C C B A …, so that whatever changes about the machine meanwhile
 * meets all of them, and none always comes after the same one. What fails is reported on standard error
 * and does not stop the rest; what fails in the first round is not tried again.
 *
 * @param tell says a value in a few words, for standard error
 */
export async function inTurn<T>(
  part: string,
  rounds: number,
  cells: readonly Cell<T>[],
  tell: (value: T) => string,
): Promise<Outcomes<T>> {
  const outcomes = new Map<string, Outcome<T>>(cells.map(({ name }) => [name, { values: [] }]));
  for (let round = 1; round <= rounds; round++) {
    const order = round % 2 === 1 ? cells : cells.toReversed();
    for (const [index, { name, measure }] of order.entries()) {
      const outcome = outcomes.get(name)!;
      if (round > 1 && outcome.values.every((value) => value === undefined)) continue;
      const where = `${part} ${round}/${rounds} ${index + 1}/${cells.length} ${name}`;
      try {
        const value = await measure();
        outcome.values.push(value);
        console.error(`${where}: ${tell(value)}`);
      } catch (error) {
        outcome.values.push(undefined);
        outcome.failed = messageOf(error);
        console.error(`${where}: failed: ${outcome.failed}`);
      }
    }
  }
  return outcomes;
}

/** One figure of each round. */
export function figures<T>(
  outcome: Outcome<T> | undefined,
  pick: (value: T) => number,
): (number | undefined)[] {
  return (outcome?.values ?? []).map((value) => value === undefined ? undefined : pick(value));
}

/** What the rounds gave that went well. */
export function present<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}
