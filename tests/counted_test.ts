import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { counted } from "../src/counted.ts";

test("counted is a number with its word", () => {
  const said = [0, 1, 2].flatMap((count) => [
    counted(count, "restart"),
    counted(count, "process is", "processes are"),
  ]);
  assertEquals(said, [
    ...["0 restarts", "0 processes are"],
    ...["1 restart", "1 process is"],
    ...["2 restarts", "2 processes are"],
  ]);
});
