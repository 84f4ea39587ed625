import { closeSync, constants, openSync } from "node:fs";
import { describe, test } from "node:test";
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { UnblockedWriter } from "../../src/log/unblocked.ts";
import { Fifo } from "../support/fifo.ts";
import { eventually } from "../support/wait.ts";

/** A writer to a pipe that is read only when the test says so. */
class Piped extends Fifo {
  readonly #descriptor = openSync(this.path, constants.O_WRONLY | constants.O_NONBLOCK);
  readonly writer = new UnblockedWriter(this.#descriptor, (count) => `${count} lost\n`);

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    closeSync(this.#descriptor);
  }
}

/** A line of 1 KB that begins with its number. */
const lineOf = (number: number): string => `${`${number} `.padEnd(1023, "x")}\n`;

/** What a line begins with. */
const numberOf = (line: string): number => Number.parseInt(line);

describe("lines that do not wait for their reader", () => {
  test("are there at once where there is room", () => {
    using pipe = new Piped();
    pipe.writer.write("first\nsecond\n", false);
    pipe.writer.write("third\n", true);
    assertEquals(pipe.lines(), ["first", "second", "third"]);
  });

  test("come whole and in their order when there is room again", async () => {
    using pipe = new Piped();
    for (let number = 0; number < 500; number++) {
      pipe.writer.write(lineOf(number), number % 2 === 0);
    }
    const got: string[] = [];
    await eventually("all lines", () => got.push(...pipe.lines()) === 500);
    assertEquals(got.map(numberOf), [...Array(500).keys()]);
    assert(got.every((line) => line.length === 1023));
    pipe.writer.write("at once\n", false);
    assertEquals(pipe.lines(), ["at once"]);
  });

  test("are what they were, whatever becomes of their bytes meanwhile", async () => {
    using pipe = new Piped();
    const bytes = Buffer.alloc(1024);
    for (let number = 0; number < 200; number++) {
      bytes.write(lineOf(number));
      pipe.writer.write(bytes, false);
    }
    bytes.fill("y");
    const got: string[] = [];
    await eventually("all lines", () => got.push(...pipe.lines()) === 200);
    assertEquals(got.map(numberOf), [...Array(200).keys()]);
  });

  test("are lost when too many wait, the less important first, and that is told", async () => {
    using pipe = new Piped();
    const count = 9000;
    for (let number = 0; number < count; number++) pipe.writer.write(lineOf(number), false);
    pipe.writer.write("important\n", true);
    const got: string[] = [];
    await eventually("what is told of the lost ones", () => {
      got.push(...pipe.lines());
      return got.at(-1)?.endsWith("lost");
    });
    const lost = numberOf(got.pop() ?? "");
    assertGreater(lost, 0);
    assertEquals(got.pop(), "important");
    assertEquals(got.map(numberOf), [...Array(count - lost).keys()]);
  });

  test("wait for no reader that is gone", () => {
    const pipe = new Piped();
    const { writer } = pipe;
    pipe[Symbol.dispose]();
    for (let number = 0; number < 500; number++) writer.write(lineOf(number), true);
    writer.leave();
  });

  test("do not keep a process whose log nobody reads", () => {
    using pipe = new Piped();
    for (let number = 0; number < 500; number++) pipe.writer.write(lineOf(number), true);
    pipe.writer.leave();
    pipe.writer.write("last\n", true);
    assertLess(pipe.lines().length, 500);
  });
});
