import { assertEquals } from "@std/assert";
import { describe, test } from "node:test";
import { commandName, displayCommand } from "../../src/commands/display.ts";

describe("displayCommand", () => {
  for (
    const [text, shown] of [
      ["prisma migrate deploy", "prisma migrate deploy"],
      ["psql postgres://app:secret@db:5432/app", "psql postgres://***@db:5432/app"],
      [
        `psql "postgres://app@db/app?sslmode=require"`,
        `psql "postgres://***@db/app?sslmode=require"`,
      ],
      ["a --url=redis://:p@ss@cache b@c", "a --url=redis://***@cache b@c"],
      ["psql postgres://app:se/c@r?e#t@db/app 'x'", "psql postgres://***@db/app 'x'"],
      ["a http://u:p@one/x http://u:p@two", "a http://***@one/x http://***@two"],
      ["curl http://host:80/path u@host", "curl http://host:80/path u@host"],
      ["deno run https://host/path@version", "deno run https://host/path@version"],
      ["notify mail@example.com", "notify mail@example.com"],
    ] as const
  ) {
    test(text, () => assertEquals(displayCommand(text), shown));
  }
});

describe("commandName", () => {
  test("is the program without its folder", () => {
    assertEquals(commandName(["prisma", "migrate"]), "prisma");
    assertEquals(commandName(["./scripts/migrate.ts", "--all"]), "migrate.ts");
  });
});
