import { describe, test } from "node:test";
import fc from "fast-check";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { AccessBytes } from "../../src/app/access_bytes.ts";
import {
  type AccessLogField,
  defaultAccessLogFields,
  parseAccessLogFields,
} from "../../src/app/access_fields.ts";

const time = "2026-11-29T10:00:00.000Z";

function textOf(lines: AccessBytes): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(lines.take());
}

const usual = parseAccessLogFields(defaultAccessLogFields);
const longestPath = 1200;

/** One line, as it is written. */
function line(
  { fields = usual, method = "GET", path = "/", status = 200, microseconds = 0, caller, length }: {
    fields?: readonly AccessLogField[];
    method?: string;
    path?: string;
    status?: number;
    microseconds?: number;
    caller?: string;
    length?: number;
  },
): string {
  const lines = new AccessBytes(fields, longestPath);
  lines.addJson(time, method, path, status, microseconds, caller, length);
  return textOf(lines);
}

const inMessage = ["method", "path", "status"] as const;
const known = [...inMessage, "duration", "bytes", "client"] as const;

/** Each choice of them. */
const choices = Array.from(
  { length: 2 ** known.length },
  (_, bits) => known.filter((_, index) => (bits >> index) % 2 === 1),
);

describe("the bytes of the access log", () => {
  test("are the line that JSON has, with its fields in their order", () => {
    const cases = [
      { path: "/", caller: "10.0.0.1" },
      { method: "DELETE", path: "/a?b=c", status: 404 },
      { path: '/"\\\u00fc\u{1f600}', caller: "::ffff:10.0.0.1" },
    ];
    for (const { method = "GET", path, status = 200, caller } of cases) {
      assertEquals(
        line({ method, path, status, ...(caller === undefined ? {} : { caller }) }),
        JSON.stringify({
          time,
          level: "info",
          part: "access",
          message: `${method} ${path} ${status}`,
          method,
          path,
          status,
          duration_ms: 0,
          client: caller?.replace("::ffff:", ""),
        }) + "\n",
      );
    }
  });

  test("have the fields that are asked for, whichever they are", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...choices),
        fc.string({ unit: "binary", minLength: 1, maxLength: 16 }),
        fc.string({ unit: "binary", minLength: 1, maxLength: 200 }),
        fc.integer({ min: 100, max: 599 }),
        fc.nat({ max: 5e9 }),
        fc.string({ unit: "binary", maxLength: 16 }),
        fc.nat(),
        (fields, method, path, status, microseconds, client, length) => {
          const has = (field: AccessLogField) => (fields as AccessLogField[]).includes(field);
          const values = { method, path, status };
          const made = line({
            ...{ fields, ...values, microseconds },
            ...(has("client") ? { caller: client } : {}),
            ...(has("bytes") ? { length } : {}),
          });
          assertEquals(
            [Object.entries(JSON.parse(made)), made.indexOf("\n")],
            [
              Object.entries({
                ...{ time, level: "info", part: "access" },
                message: inMessage.filter(has).map((field) => values[field]).join(" "),
                ...Object.fromEntries(inMessage.filter(has).map((field) => [field, values[field]])),
                ...(has("duration") ? { duration_ms: microseconds / 1000 } : {}),
                ...(has("bytes") ? { bytes: length } : {}),
                ...(has("client") ? { client } : {}),
              }),
              made.length - 1,
            ],
          );
        },
      ),
    );
  });

  test("end with what has been made of the head of the request, as it is", () => {
    for (const agent of ["", "curl", "ü".repeat(10), "x".repeat(300), "\u{1f600}".repeat(100)]) {
      const caller = `,"user_agent":"${agent}"`;
      assertEquals(
        line({ fields: ["path", "user_agent"], path: "/a", caller }),
        `{"time":"${time}","level":"info","part":"access","message":"/a","path":"/a"${caller}}\n`,
      );
    }
  });

  test("have the numbers that JavaScript writes", () => {
    const some = [0, 1, 9, 10, 99, 100, 120, 999, 1000, 1001, 1010, 1100, 9999, 10_000, 123_456];
    for (const microseconds of [...some, 999_999, 1_000_000, 61_234_567, 3_600_000_100, -5]) {
      const duration = `"duration_ms":${microseconds / 1000}}`;
      assert(line({ microseconds }).includes(duration), duration);
    }
    for (const status of [0, 7, 42, 101, 200, 599, 1000]) {
      assert(line({ status }).includes(`"status":${status},`), String(status));
    }
  });

  test("go on after a line that was cut, and after one that is longer than all", () => {
    const lines = new AccessBytes(usual, longestPath);
    lines.addJson(time, "X".repeat(100), `/${"ü".repeat(5000)}`, 200, 1, "client", undefined);
    lines.addLine(`${"ü".repeat(50_000)}\n`);
    assert(lines.isFull);
    lines.addJson("later", "GET", "/", 200, 1, undefined, undefined);
    const [first = "", second = "", third = "", rest] = textOf(lines).split("\n");
    assertMatch(JSON.parse(first).path, /^\/ü+… \[\d+ more characters\]$/);
    assertEquals(second, "ü".repeat(50_000));
    assertEquals([JSON.parse(third).time, JSON.parse(third).path, rest], ["later", "/", ""]);
    assert(lines.isEmpty);
  });
});
