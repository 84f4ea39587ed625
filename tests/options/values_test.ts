import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { parseAccessLogFields } from "../../src/app/access_fields.ts";
import type { Kind } from "../../src/options/kind.ts";
import { availableCpus } from "../../src/runtime/cpus.ts";
import {
  choice,
  count,
  duration,
  fieldList,
  host,
  httpUrl,
  memoryLimit,
  path,
  port,
  size,
  timeLimit,
  toggle,
  workerCount,
} from "../../src/options/values.ts";

function assertReads(
  schema: Kind<unknown, never>,
  table: [given: unknown, value: unknown][],
): void {
  for (const [given, value] of table) {
    const read = schema.safeParse(given);
    assert(read.success, `${String(given)} must be ${schema.allowed}`);
    assertEquals(read.data, value);
  }
}

function assertRefuses(schema: Kind<unknown, never>, values: unknown[]): void {
  for (const value of values) {
    assertFalse(schema.safeParse(value).success, `${String(value)} was accepted`);
  }
}

describe("duration", () => {
  const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

  test("has a unit in a string, and is milliseconds in a number", () => {
    assertReads(duration, [
      ["500ms", 500],
      ["5s", 5000],
      ["2m", 120_000],
      ["1h", 3_600_000],
      ["1.5s", 1500],
      ["0s", 0],
      ["007s", 7000],
      [250, 250],
      [0, 0],
      [0.6, 1],
    ]);
    assertRefuses(duration, [
      ..."5|0|s|5 s|5S|5M|5d|-5s|+5s|.5s|5.s|1e3s|5s |1m30s|0x5s|NaNs|Infinity| |".split("|"),
      -1,
      NaN,
      Infinity,
      true,
      null,
      5n,
      ["5s"],
    ]);
  });

  test("is whatever was written, in any unit", () => {
    fc.assert(fc.property(
      fc.constantFrom("ms" as const, "s" as const, "m" as const, "h" as const),
      fc.nat(2 ** 31 - 1),
      (unit, milliseconds) => {
        const number = Math.floor(milliseconds / units[unit]);
        assertEquals(duration.parse(`${number}${unit}`), number * units[unit]);
        assertEquals(duration.parse(milliseconds), milliseconds);
        assertEquals(duration.parse(`${milliseconds / 1000}s`), milliseconds);
      },
    ));
  });

  test("is not longer than a timer can be", () => {
    assertReads(duration, [["2147483647ms", 2 ** 31 - 1], ["596h", 596 * 3_600_000]]);
    assertRefuses(duration, ["2147483648ms", "597h", 2 ** 31, `${"9".repeat(400)}h`]);
  });

  test("of a time limit is not 0", () => {
    assertReads(timeLimit, [["1ms", 1], [1, 1]]);
    assertRefuses(timeLimit, ["0s", "0.4ms", 0, "5"]);
  });
});

describe("size", () => {
  test("is bytes, or has a unit of 1024", () => {
    assertReads(size, [
      ["1", 1],
      ["100kb", 102_400],
      ["100mb", 104_857_600],
      ["1gb", 1_073_741_824],
      ["1.5MB", 1_572_864],
      ["2Kb", 2048],
      [512, 512],
      [String(Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER],
    ]);
    assertRefuses(size, [
      ..."0|0kb|1.5|1 kb|1b|1k|1kib|1tb|-1|1e3|kb|9007199254740992|9999999999gb|".split("|"),
      0,
      -1,
      1.5,
      NaN,
      Infinity,
      false,
    ]);
  });

  test("is whatever was written, in any unit", () => {
    fc.assert(fc.property(
      fc.constantFrom(["kb", 1], ["mb", 2], ["gb", 3], ["KB", 1], ["Mb", 2]),
      fc.integer({ min: 1, max: 2 ** 22 }),
      ([unit, power], number) => {
        assertEquals(size.parse(`${number}${unit}`), number * 1024 ** Number(power));
        assertEquals(size.parse(`${number}`), number);
      },
    ));
  });
});

test("a count and a port are whole numbers in their bounds", () => {
  assertReads(count, [["0", 0], ["12", 12], ["007", 7], [3, 3]]);
  assertRefuses(count, ["", "-1", "1.0", "1e3", "0x1", " 1", "9".repeat(17), -1, 0.5, NaN, true]);
  assertReads(port, [["0", 0], ["65535", 65535], [80, 80]]);
  assertRefuses(port, ["65536", "-1", "http", "", 65536, 80.5]);
});

test("a host is an address or a name", () => {
  assertReads(host, [
    ["0.0.0.0", "0.0.0.0"],
    ["::", "::"],
    ["[::1]", "::1"],
    ["fe80::1%eth0", "fe80::1%eth0"],
    ["localhost", "localhost"],
    ["a-b.example.com.", "a-b.example.com."],
  ]);
  assertReads(host, [["127.0.0.1", "127.0.0.1"], ["255.200.19.0", "255.200.19.0"]]);
  assertRefuses(host, ["10.0.0.256", "999.1.1.1", "1.2.3.4.5", "1.2.3.1000"]);
  assertRefuses(host, ["", "localhost:80", "http://a", "a/b", "a b", "[::1]:80", "[]", "::g", 5]);
});

describe("path", () => {
  test("gets a leading slash and loses trailing ones", () => {
    assertReads(path, [
      ["ready", "/ready"],
      ["/ready", "/ready"],
      ["/ready/", "/ready"],
      ["a/b//", "/a/b"],
      ["/", "/"],
      ["//", "/"],
      ["/-/healthy", "/-/healthy"],
    ]);
  });

  test("is one that can be requested as it is written", () => {
    assertRefuses(path, [
      "",
      "/a?b",
      "/a#b",
      "/a b",
      " ",
      "/a/../b",
      ".",
      "/a\\b",
      "/ü",
      "/%61",
      "/\n",
      5,
      false,
    ]);
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
      const read = path.safeParse(text);
      if (!read.success) return;
      assertEquals(new URL(`http://host${read.data}`).pathname, read.data);
      assertEquals(path.parse(read.data), read.data);
    }));
  });
});

test("a toggle has the words of the contract", () => {
  assertReads(toggle, [
    ...["true", "1", "yes", "TRUE", "Yes", true].map((word): [unknown, unknown] => [word, true]),
    ...["false", "0", "no", "False", false].map((word): [unknown, unknown] => [word, false]),
  ]);
  assertRefuses(toggle, ["", "on", "off", "y", "2", 1, 0, null]);
});

test("words are taken in any case", () => {
  const level = choice("debug", "info");
  assertReads(level, [["debug", "debug"], ["DEBUG", "debug"], ["Info", "info"]]);
  assertRefuses(level, ["", "warn", "debug ", "İNFO", 1, true, null, ["info"]]);
  assertReads(memoryLimit, [["AUTO", "auto"], ["None", "none"], ["1GB", 2 ** 30]]);
  assertRefuses(memoryLimit, ["automatic", "null", ""]);
  assertReads(workerCount, [["Auto", availableCpus()], ["3", 3]]);
  assertRefuses(workerCount, ["none", "autos", ""]);
  assertEquals(parseAccessLogFields("METHOD, Path"), ["method", "path"]);
  assertRefuses(fieldList, ["METHODS", "method path", ""]);
});

test("a URL is absolute, and http or https", () => {
  assertReads(httpUrl, [["http://ops/hook", "http://ops/hook"], [
    "HTTPS://u:p@h/?q",
    "HTTPS://u:p@h/?q",
  ]]);
  assertRefuses(httpUrl, ["", "ops/hook", "/hook", "ftp://ops", "http://", "http://a b/", 5]);
});
