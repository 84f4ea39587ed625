import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { LoopWait } from "../../src/app/loop_wait.ts";

/** An event loop whose time passes only where somebody works. */
class FakeLoop {
  now = 1000;
  readonly wait: LoopWait;
  inFlight = 0;
  #immediates: (() => void)[] = [];
  #timers: { due: number; call: () => void }[] = [];

  constructor(limit: number) {
    this.wait = new LoopWait(limit, () => this.now, {
      setImmediate: (call) => this.#immediates.push(call),
      setTimeout: (call, milliseconds) => {
        this.#timers.push({ due: this.now + milliseconds, call });
        return { unref() {} };
      },
    });
  }

  get timers(): number {
    return this.#timers.length;
  }

  /** Timers that are due run in their order, then what has come in, each of which may take its time. */
  turn(requests: (() => void)[]): void {
    for (;;) {
      const [next] = this.#timers.filter(({ due }) => due <= this.now).toSorted((a, b) =>
        a.due - b.due
      );
      if (next === undefined) break;
      this.#timers.splice(this.#timers.indexOf(next), 1);
      next.call();
    }
    for (const request of requests) request();
    for (const call of this.#immediates.splice(0)) call();
  }

  /** Turns for as long with `rate` requests in a second coming in; gives how many were refused and taken. */
  run(milliseconds: number, rate: number, take: () => void): { refused: number; taken: number } {
    const counts = { refused: 0, taken: 0 };
    const end = this.now + milliseconds;
    let came = this.now;
    while (this.now < end) {
      // Nothing is to be done: time passes.
      const before = this.now;
      const due = Math.floor((this.now - came) * rate / 1000);
      came += due * 1000 / rate;
      this.turn(Array.from({ length: due }, () => () => {
        const isRefused = this.wait.exceeded(this.inFlight);
        counts[isRefused ? "refused" : "taken"]++;
        if (!isRefused) take();
      }));
      if (this.now === before) this.now += 1;
    }
    return counts;
  }

  /** 5 ms of work before anything is awaited: 200 requests in a second are all it can do. */
  readonly synchronous = (): void => {
    this.now += 5;
  };

  /** The same after 3 ms of waiting. */
  readonly asynchronous = (): void => {
    this.inFlight++;
    this.#timers.push({
      due: this.now + 3,
      call: () => {
        this.now += 5;
        this.inFlight--;
      },
    });
  };
}

describe("LoopWait", () => {
  for (const kind of ["synchronous", "asynchronous"] as const) {
    test(`${kind} handlers: nothing is refused below the capacity`, () => {
      const loop = new FakeLoop(100);
      assertEquals(loop.run(20_000, 180, loop[kind]).refused, 0);
    });

    test(`${kind} handlers: a burst that passes by itself is taken`, () => {
      const loop = new FakeLoop(100);
      assertEquals(loop.run(1000, 100, loop[kind]).refused, 0);
      assertEquals(loop.run(100, 300, loop[kind]).refused, 0);
      assertEquals(loop.run(5000, 100, loop[kind]).refused, 0);
    });

    for (const times of [2, 4, 8]) {
      test(`${kind} handlers: ${times} times the capacity is cut down to it`, () => {
        const loop = new FakeLoop(100);
        loop.run(2000, 200 * times, loop[kind]);
        const { refused, taken } = loop.run(10_000, 200 * times, loop[kind]);
        assertEquals(Math.round(taken / 200), 10, `${taken} taken, ${refused} refused`);
        assertEquals(loop.inFlight < 60, true, `${loop.inFlight} in flight`);
      });
    }

    test(`${kind} handlers: what comes after an overload is taken`, () => {
      const loop = new FakeLoop(100);
      assertEquals(loop.run(5000, 1000, loop[kind]).refused > 0, true);
      loop.run(2000, 100, loop[kind]);
      assertEquals(loop.run(5000, 150, loop[kind]).refused, 0);
    });
  }

  test("a slow handler that leaves the loop alone is not refused", () => {
    const loop = new FakeLoop(100);
    assertEquals(loop.run(10_000, 1000, () => loop.inFlight++).refused, 0);
  });

  test("one block of the loop refuses nobody who comes after it", () => {
    const loop = new FakeLoop(100);
    loop.run(1000, 100, loop.synchronous);
    loop.turn([() => {
      loop.wait.exceeded(0);
      loop.now += 150;
    }]);
    assertEquals(loop.run(1000, 100, loop.synchronous).refused, 0);
  });

  test("a block long after another one is the first of its kind", () => {
    const loop = new FakeLoop(100);
    const blocked = (): boolean => {
      let isRefused = false;
      loop.turn([
        () => {
          loop.wait.exceeded(0);
          loop.now += 150;
        },
        () => isRefused = loop.wait.exceeded(0),
      ]);
      return isRefused;
    };
    assertEquals(blocked(), false);
    loop.run(5000, 0, loop.synchronous);
    assertEquals(blocked(), false);
  });

  test("nothing runs where nobody asks", () => {
    const loop = new FakeLoop(100);
    loop.turn([() => loop.wait.exceeded(0)]);
    assertEquals(loop.timers, 1);
    loop.run(100, 0, loop.synchronous);
    assertEquals(loop.timers, 0);
  });
});
