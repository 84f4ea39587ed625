import process from "node:process";
import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { envFiles } from "../../src/watch/env_files.ts";

describe("envFiles", () => {
  test("are four, of which two are the mode's", () => {
    const mode = process.env["NODE_ENV"];
    try {
      process.env["NODE_ENV"] = "staging";
      const names = [".env", ".env.local", ".env.staging", ".env.staging.local"];
      assertEquals(envFiles("/srv"), names.map((name) => `/srv/${name}`));
      delete process.env["NODE_ENV"];
      assertEquals(envFiles("/srv")[2], "/srv/.env.development");
    } finally {
      if (mode !== undefined) process.env["NODE_ENV"] = mode;
    }
  });
});
