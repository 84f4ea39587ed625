import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { anyHost } from "../../src/options/any_host.ts";

test("the default host is :: where that can be had, and 0.0.0.0 elsewhere", () => {
  const asked: string[] = [];
  assertEquals(anyHost(({ hostname, port }) => void asked.push(`${hostname} ${port}`)), "::");
  assertEquals(asked, [":: 0"]);
  const without = () => {
    throw Object.assign(new Error("Address family not supported"), { code: "EAFNOSUPPORT" });
  };
  assertEquals(anyHost(without), "0.0.0.0");
});
