import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { parseAccessLogFields } from "../../src/app/access_fields.ts";
import { prettyAccess } from "../../src/app/access_pretty.ts";

function line(names: string, path: string, caller?: string, bytes?: number): string {
  const answered = { time: "10:00:00", method: "GET", path, status: 200, milliseconds: 1.5, bytes };
  return prettyAccess(parseAccessLogFields(names), answered, caller);
}

describe("a readable line of the access log", () => {
  test("has the fields that are asked for, in an order of its own", () => {
    const all = "path,method,client,duration,status,bytes";
    assertEquals(
      [
        line(all, "/a", " client=::1", 5),
        line("method,status", "/a"),
        line("path", "/a"),
        line("duration", "/a"),
        line("host", "/a", " host=h"),
      ],
      [
        "10:00:00 200 GET /a 1.5ms bytes=5 client=::1\n",
        "10:00:00 200 GET\n",
        "10:00:00 /a\n",
        "10:00:00 1.5ms\n",
        "10:00:00 host=h\n",
      ],
    );
  });

  test("shows what a terminal would obey", () => {
    assertEquals(line("path", "/\u001b[2J"), "10:00:00 /\\u001b[2J\n");
  });
});
