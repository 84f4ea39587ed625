import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { allCutOff } from "../../src/app/source.ts";

describe("allCutOff", () => {
  test("adds up what several sources had to cut off", () => {
    assertEquals(allCutOff([]), { cut: 0 });
    assertEquals(allCutOff([{ cut: 2 }, { cut: 0 }, { cut: 3 }]), { cut: 5 });
  });

  test("says that there may be more where one of them cannot tell", () => {
    assertEquals(allCutOff([{ cut: 2 }, { cut: 1, atLeast: true }]), { cut: 3, atLeast: true });
  });
});
