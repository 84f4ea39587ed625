import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { requestIdOf, traceIdOf } from "../../src/app/request_id.ts";

test("a request has the name that it comes with, if that is sane, or a new one", () => {
  for (
    const sane of ["7", "4bf92f3577b34da6a3ce929d0e0e4736", "a-b_c.d:e/f+g=h@i", "x".repeat(128)]
  ) {
    assertEquals(requestIdOf(sane), sane);
  }
  const uuid = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/;
  for (const other of [null, undefined, "", "a b", 'a"', "a\nb", "ä", "x".repeat(129), "a, b"]) {
    assertMatch(requestIdOf(other), uuid);
  }
  assert(requestIdOf(null) !== requestIdOf(null));
});

test("a trace is known by traceparent, as W3C Trace Context has it", () => {
  const id = "4bf92f3577b34da6a3ce929d0e0e4736";
  const parent = "00f067aa0ba902b7";
  assertEquals(traceIdOf(`00-${id}-${parent}-01`), id);
  assertEquals(traceIdOf(`cc-${id}-${parent}-01-what-comes-later`), id);
  const wrong = [
    null,
    "",
    `ff-${id}-${parent}-01`,
    `00-${id}-${parent}-01-more`,
    `00-${"0".repeat(32)}-${parent}-01`,
    `00-${id}-${"0".repeat(16)}-01`,
    `00-${id.toUpperCase()}-${parent}-01`,
    `00-${id.slice(1)}-${parent}-01`,
  ];
  for (const value of wrong) assertEquals(traceIdOf(value), undefined, String(value));
});
