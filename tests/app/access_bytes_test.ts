import { describe, test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { AccessBytes } from "../../src/app/access_bytes.ts";

const time = "2026-11-29T10:00:00.000Z";

function textOf(lines: AccessBytes): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(lines.take());
}

/** One line, as it is written. */
function line(
  { method = "GET", path = "/", status = 200, microseconds = 0, client }: {
    method?: string;
    path?: string;
    status?: number;
    microseconds?: number;
    client?: string;
  },
): string {
  const lines = new AccessBytes();
  lines.addJson(time, method, path, status, microseconds, client);
  return textOf(lines);
}

describe("the bytes of the access log", () => {
  test("are the line that JSON has, with its fields in their order", () => {
    const cases = [
      { path: "/", client: "10.0.0.1" },
      { method: "DELETE", path: "/a?b=c", status: 404 },
      { path: '/"\\\u00fc\u{1f600}', client: "::ffff:10.0.0.1" },
    ];
    for (const { method = "GET", path, status = 200, client } of cases) {
      assertEquals(
        line({ method, path, status, ...(client === undefined ? {} : { client }) }),
        JSON.stringify({
          time,
          level: "info",
          part: "access",
          message: `${method} ${path} ${status}`,
          method,
          path,
          status,
          duration_ms: 0,
          client: client?.replace("::ffff:", ""),
        }) + "\n",
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
    const lines = new AccessBytes();
    lines.addJson(time, "X".repeat(100), `/${"ü".repeat(5000)}`, 200, 1, "client");
    lines.addLine(`${"ü".repeat(50_000)}\n`);
    assert(lines.isFull);
    lines.addJson("later", "GET", "/", 200, 1, undefined);
    const [first = "", second = "", third = "", rest] = textOf(lines).split("\n");
    assertMatch(JSON.parse(first).path, /^\/ü+… \[\d+ more characters\]$/);
    assertEquals(second, "ü".repeat(50_000));
    assertEquals([JSON.parse(third).time, JSON.parse(third).path, rest], ["later", "/", ""]);
    assert(lines.isEmpty);
  });
});
