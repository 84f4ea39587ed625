import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { parseLabel } from "../../src/manifest/label.ts";

test("a label has a key, perhaps of a domain, and a value, perhaps empty", () => {
  const labels = ["release=kps", "a.example/B_c=", `x=${"y".repeat(63)}`, "1=2.0"];
  assertEquals(labels.map(parseLabel), [
    { key: "release", value: "kps" },
    { key: "a.example/B_c", value: "" },
    { key: "x", value: "y".repeat(63) },
    { key: "1", value: "2.0" },
  ]);
});

test("what Kubernetes would refuse is none", () => {
  const wrong = ["", "release", "=x", "a=b=c", "a b=c", "a/b/c=d", "A.example/b=c", "-a=b", "a=b-"];
  for (const text of [...wrong, `x=${"y".repeat(64)}`]) assertThrows(() => parseLabel(text), text);
});
