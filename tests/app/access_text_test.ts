import { describe, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { escaped } from "../../src/app/access_text.ts";

describe("a text in a line of the access log", () => {
  test("is cut to its limit, however small that is", () => {
    for (let most = 0; most <= 128; most++) {
      for (const text of ["x".repeat(1000), "\u0000".repeat(200), "\u{1f600}".repeat(100)]) {
        const inside = escaped(text, most);
        assert(Buffer.byteLength(inside) <= 1.5 * most, `${most}: ${inside}`);
        JSON.parse(`"${inside}"`);
      }
    }
    assertEquals(escaped("x".repeat(1000), 9), "");
    assertEquals(escaped("x".repeat(100), 64), `${"x".repeat(64)}… [36 more characters]`);
  });

  test("is whole where it has room", () => {
    assertEquals([escaped("", 0), escaped("GET", 3), escaped('"\n', 64)], ["", "GET", '\\"\\n']);
  });
});
