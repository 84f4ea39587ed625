import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { bytes, milliCpus } from "../../src/manifest/quantity.ts";

test("CPUs are counted in thousandths", () => {
  const read = ["250m", "1", "0.5", "1.25", "1.001", "12", "2000m"].map(milliCpus);
  assertEquals(read, [250, 1000, 500, 1250, 1001, 12_000, 2000]);
  const wrong = ["", "0", "0m", "0.0", "1.0001", ".5", "1.", "-1", "1.5m", "1e3", "1 ", "1Mi", "m"];
  for (const text of wrong) assertEquals(milliCpus(text), undefined, text);
});

test("memory is counted in bytes, and has its unit", () => {
  const read = ["1Ki", "512Mi", "1.5Gi", "1Ti", "1k", "500M", "2G", "1T"].map(bytes);
  const [k, m, g] = [2 ** 10, 2 ** 20, 2 ** 30];
  assertEquals(read, [k, 512 * m, 1.5 * g, 1024 * g, 1e3, 5e8, 2e9, 1e12]);
  const wrong = ["", "0Mi", "512", "512m", "512mb", "512MB", "Mi", "-1Mi", "1 Mi", "1K", "1e3Mi"];
  for (const text of wrong) assertEquals(bytes(text), undefined, text);
});
