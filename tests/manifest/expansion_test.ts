import { test } from "node:test";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { escapeExpansion } from "../../src/manifest/expansion.ts";
import { expand } from "./expand.ts";

test("an argument stays readable where nothing would be expanded", () => {
  assertEquals(escapeExpansion("a $HOME ${HOME} $"), "a $HOME ${HOME} $");
  assertEquals(escapeExpansion("$(POD) $$"), "$$(POD) $$$");
});

test("what Kubernetes expands is what was given", () => {
  const argument = fc.array(fc.constantFrom("$", "(", ")", "POD", "x")).map((parts) =>
    parts.join("")
  );
  fc.assert(fc.property(argument, (argument) => {
    assertEquals(expand(escapeExpansion(argument), { POD: "web-1", "": "?" }), argument);
  }));
});
