import { describe as suite, test } from "node:test";
import { assertEquals } from "@std/assert";
import { describe, messageOf } from "../src/errors.ts";

suite("what was thrown, in a line", () => {
  const long = "x".repeat(60);
  const cases: [thrown: unknown, said: string][] = [
    [new TypeError("no such table"), "TypeError: no such table"],
    [{ code: 7 }, "{ code: 7 }"],
    [{ a: long, b: { c: [long] } }, `{ a: '${long}', b: { c: [ '${long}' ] } }`],
    [new Map([[1, { a: long, b: long }]]), `Map(1) { 1 => { a: '${long}', b: '${long}' } }`],
    [new AggregateError([{ a: long, b: long }, 1]), `{ a: '${long}', b: '${long}' } (and 1 more)`],
  ];
  for (const [thrown, said] of cases) {
    test(said, () => assertEquals(describe(thrown), said));
  }

  test("whatever it is", () => {
    const thrown = [new Response("x"), new Headers({ a: "b" }), { e: new Error("nested\nlines") }];
    for (const one of thrown) {
      assertEquals(describe(one).split("\n").length, 1);
      assertEquals(messageOf(one), describe(one));
    }
  });
});
